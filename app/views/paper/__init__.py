"""The paper: published numbers, and what was recorded and run beside them."""
