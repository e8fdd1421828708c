"""The page Random or trained?: table 4, the ablation of embedding networks."""
