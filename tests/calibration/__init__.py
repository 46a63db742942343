"""Bias, coverage and width of intervals over simulated worlds: slow, resumable, apart from the tests."""
