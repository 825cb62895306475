"""Coordinates as people write them, in laws and in the AIP."""
