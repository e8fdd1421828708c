"""Sections of the page How it works: chapters, each a question that is guessed first and then seen."""
