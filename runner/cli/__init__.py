"""The composition root: one file a command, and the table of them in ``main``."""
