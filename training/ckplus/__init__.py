"""A model of emotions and action units, trained and cross-validated on CK+ by subject."""
