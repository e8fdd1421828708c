"""Run folders on disk: recording, reading, resuming, evaluation and export. Readers take no lock."""
