"""Texts of the pages: labels, titles of sets, differences of set-ups, escaping."""
