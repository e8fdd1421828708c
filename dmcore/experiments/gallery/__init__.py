"""Gallery of recorded runs and tables that comes with the package, and the command that makes it."""
