"""One person's live video: session, effort, recordings."""
