"""Runs the command line: `python -m fer_core`."""

from fer_core.cli.main import main

main()
