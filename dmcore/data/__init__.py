"""Data sets: loading named ones, image folders and zips of them as labelled uint8 images."""
