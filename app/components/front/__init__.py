"""The front page's picture: real images, a recorded run that plays, and what networks learn from either."""
