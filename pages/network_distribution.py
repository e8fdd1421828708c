"""Random or trained? Which networks embed the images while a set is learned (the paper's table 4)."""

from app.distribution_view import show_distribution

show_distribution()
