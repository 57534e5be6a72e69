"""A year of schedules on a clock that is moved: real runs against the sandbox, which is in trouble now and then."""
