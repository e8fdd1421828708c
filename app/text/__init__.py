"""Texts of the pages: status words, sentences on iterations, escaping."""
