"""Faults on demand: what can go wrong between a client and the exchange, when it does, and how it is asked for."""
