"""Many runs at once: facts that they are found by, filter and order, tags, deletion."""
