"""Compare: two runs side by side."""

from app.views.compare.page import show_compare

show_compare()
