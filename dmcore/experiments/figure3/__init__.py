"""Figure 3 of the paper: sets of images in the features of one network, its configuration and its files."""
