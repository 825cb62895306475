"""The command line, by subject; `cli.py` joins them."""
