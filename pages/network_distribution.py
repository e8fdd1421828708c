"""Random or trained? Which networks embed the images while a set is learned (the paper's table 4)."""

from app.views.network_distribution.page import show_distribution

show_distribution()
