"""What happened: events, their fold into a result, and their form as JSON."""
