"""Launching the server, and the addresses that live parts of a page ask for news."""
