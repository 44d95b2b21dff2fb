"""The page Evaluate: models, imported predictions and packages on labeled photos."""
