"""Formatting, escaping and labels of what is shown."""
