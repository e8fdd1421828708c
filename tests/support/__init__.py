"""What several tests share: small runs, tables and zips, waiting, reading a page."""
