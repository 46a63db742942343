"""Kernels forked from a server that has imported the libraries already: Linux only, and the same outputs.

Nothing here is imported until it is asked for: papermill loads every engine's entry point as it starts.
"""
