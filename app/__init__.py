"""What knows about the browser: entry, background thread, live views, forms, plots."""
