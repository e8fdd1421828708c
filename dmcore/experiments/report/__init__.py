"""Texts of a table's results, for pages and the command line: entries, notes, comparisons, formats."""
