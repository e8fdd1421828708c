"""Palette and figure parts; arrays to plotly figures."""
