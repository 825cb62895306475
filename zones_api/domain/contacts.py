"""Which words are a web address or an e-mail address: in documents, and for whoever is to reach an authority."""

from __future__ import annotations

import re

URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)
EMAIL = re.compile(r"[^\s@;,<>]+@[^\s@;,<>]+")

_WEB = ("http://", "https://")


def opens_in_a_browser(site: str) -> bool:
    """Say whether a web site is written whole, so that a page can lead there."""
    return URI.fullmatch(site) is not None and site.startswith(_WEB) and site not in _WEB


def takes_mail(email: str) -> bool:
    """Say whether this is one e-mail address at a domain that has a dot, as those that the world can reach have."""
    names = email.rpartition("@")[2].split(".")
    return EMAIL.fullmatch(email) is not None and len(names) > 1 and all(names)
