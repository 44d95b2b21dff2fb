"""Arrays in, frozen results out; knows no card, no model folder, no classifier, no figure."""
