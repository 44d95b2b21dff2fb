"""What belongs to a session: consent, jobs, clearing, links."""
