"""Animations of a run's snapshots: GIF, WebP and before-and-after images."""
