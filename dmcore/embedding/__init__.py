"""Embedding networks: random ones and pools of trained ones (Algorithm 1 and table 4 of the paper)."""
