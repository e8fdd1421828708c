"""Accuracy: what networks reach that were trained on few images, learned or chosen."""

from app.accuracy_view import show_accuracy

show_accuracy()
