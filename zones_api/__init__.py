"""UAS geographical zones: a register, and answers about what applies where, when and how high."""

__version__ = "0.1.0"
