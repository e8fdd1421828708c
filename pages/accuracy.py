"""Accuracy: what networks reach that were trained on few images, learned or chosen."""

from app.views.accuracy.page import show_accuracy

show_accuracy()
