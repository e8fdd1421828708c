"""The Accuracy page: table 1, table 2 and figure 5, or runs of one's own."""
