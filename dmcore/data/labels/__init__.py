"""Labels of images by path: from class folders and tables beside them; their parts, names and order."""
