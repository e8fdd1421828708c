"""The page Random or trained?: table 4 of the paper, the ablation of embedding networks."""
