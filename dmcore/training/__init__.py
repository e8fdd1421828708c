"""Training and testing classifiers by the evaluation protocol (section 4.1), and caches of the results."""
