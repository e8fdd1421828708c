"""Architectures: images learned with one architecture, tested on the others (the paper's Table 3)."""

from app.views.architectures.page import show_architectures

show_architectures()
