"""The pull: one iteration of Algorithm 1 in seven phases, from the network to the step on the pixels."""
