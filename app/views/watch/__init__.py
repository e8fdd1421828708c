"""The Watch page: condensation, live."""
