"""The person at a browser: a random id in a cookie, which the server gives to every browser that it lets in."""

COOKIE = "dm_explorer_person"
