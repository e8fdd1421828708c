"""Watch page: a condensation run, live."""
