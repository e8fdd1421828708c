"""The set-up form, presets and what a person chooses before a run."""
