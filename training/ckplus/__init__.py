"""A model that reads emotions and action units, trained and cross-validated on CK+ by subject."""
