"""The exchange's client: signing in, calls with a time limit each, answers in one form from either dialect."""
