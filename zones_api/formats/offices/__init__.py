"""Zones from what offices have: files of a geographic information system with a mapping, and AIXM."""
