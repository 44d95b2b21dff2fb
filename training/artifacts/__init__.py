"""Files of a model folder and of the documents, made from saved models and datasets."""
