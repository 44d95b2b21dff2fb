"""The video connection: camera check, attempts, failures."""
