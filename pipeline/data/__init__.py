"""Public data, fetched, and the quickstart's world, generated."""
