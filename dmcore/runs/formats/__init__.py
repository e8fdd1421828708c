"""File formats of condensed sets: npz, safetensors, pt, png and image folders."""
