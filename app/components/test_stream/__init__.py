"""Component of the chapter on what is asked for: a stream of test images, and what networks take them for."""
