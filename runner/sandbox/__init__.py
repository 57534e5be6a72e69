"""The sandbox exchange: a local stand-in for the venue, a program of its own.

It imports nothing from the rest of the package: what it knows of the venue it knows from the venue's public
documentation, so that one mistake cannot hide in the client and in the exchange at once.
"""
