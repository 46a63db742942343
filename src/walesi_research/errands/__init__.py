"""What the command line offers around a run: its words and its progress display."""
