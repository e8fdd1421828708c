"""Figure 4 of the paper: a race of methods of condensation, test accuracy against seconds of condensing."""
