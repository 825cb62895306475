"""Doors: each carries questions in and answers out for one audience."""
