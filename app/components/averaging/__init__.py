"""Component of the chapter on averaging: real images laid on each other, and what a learned one has more."""
