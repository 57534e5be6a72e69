"""Telling people how a run ended: what is said, by which way it goes, and what becomes of what does not arrive.

Nothing here changes a run: whatever goes wrong is kept in the journal's outbox and tried again by a later command.
"""
