"""Confusion matrices and the faces behind them."""
