"""Exports that never weaken a zone: what a format cannot say is made stricter, and listed.

ED-318 and ED-269 are read back and compared with what was published before they are given out.
"""

from __future__ import annotations
