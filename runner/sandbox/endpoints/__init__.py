"""What each endpoint of the venue does with a call that the gateway has let through."""
