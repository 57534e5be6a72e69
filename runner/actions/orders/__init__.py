"""Orders: placing, finding, checking and cancelling them."""
