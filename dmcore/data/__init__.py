"""Named data sets, image folders and zips of them -> uint8 images with labels."""
