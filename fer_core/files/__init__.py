"""Files on disk: what can be read, names for people, whole writes, locks."""
