"""How good a model is, as data: predictions, scores, confusion, training history. No drawing."""
