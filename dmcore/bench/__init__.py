"""Benchmark of an iteration: its parts, the machine's convolution rate, and a plain step to compare with.

Every contender runs in a process of its own, so that none profits from what another set in torch or in the
allocator; their steps alternate, so that a noisy machine slows all. Importing this package loads no torch.
"""
