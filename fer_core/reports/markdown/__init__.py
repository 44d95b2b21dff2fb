"""READMEs of models and docs/results.md."""
