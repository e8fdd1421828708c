"""Evaluation of a run and its stored results: test accuracies, predictions, classifiers, expected accuracy."""
