"""One run as any page shows it: its state, stage, bar, controls and inspector."""
