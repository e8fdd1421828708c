"""Compare page: up to four runs side by side."""
