"""How fast an iteration is here: by its parts, beside this machine's own rate, and against a plain step.

Every contender runs in a process of its own, so that none profits from what another set in torch or in the
allocator; their steps are taken in turns, so that a noisy machine slows all. Importing this loads no torch.
"""
