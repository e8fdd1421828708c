"""Evaluation of a run and its stored results: accuracies, predictions, classifiers, expected accuracy."""
