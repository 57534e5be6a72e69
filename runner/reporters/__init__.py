"""Reports: each a function of a run's result, or a reader of its events."""
