"""Linked scene of a matching step of DC or DSA, the sibling of the pull."""
