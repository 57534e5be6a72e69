"""Doing it: the one interpreter of plans. It acts only through its recorder, and time is handed to it."""
