"""The FER2013 file: its rows, and the test faces behind a prediction."""
