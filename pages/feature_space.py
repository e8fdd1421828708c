"""Feature space: synthetic images as stars in the still cloud of the real ones."""

from app.views.feature_space.page import show_feature_space

show_feature_space()
