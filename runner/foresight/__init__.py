"""What a run would do, told before it does anything: its requests, its calls against rate limits, money at risk."""
