"""The machine that this runs on: processors, load, background work and fair turns."""
