"""What the app knows of folders, data sets and stored results before anything is computed."""
