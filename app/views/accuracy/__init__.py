"""Accuracy page: what networks reach that were trained on few images."""
