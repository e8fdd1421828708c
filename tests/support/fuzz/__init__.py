"""Fuzzing of run folders: the root that is damaged, the mutations, the targets that read it, the verdicts."""
