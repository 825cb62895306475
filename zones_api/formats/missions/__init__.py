"""Mission files: one module for each format, and how a file's format is recognised."""
