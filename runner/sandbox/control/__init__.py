"""The control port: what a test asks of the exchange itself, on a port of its own that no client of the venue sees."""
