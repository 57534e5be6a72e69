"""What stands between HTTP and the exchange: tokens, scopes, participants, JSON in and out, errors."""
