"""Training and testing of classifiers by the evaluation protocol (section 4.1), and caches of the results."""
