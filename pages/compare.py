"""Compare: two runs side by side."""

from app.compare_view import show_compare

show_compare()
