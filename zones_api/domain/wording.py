"""Published texts: they never decide, but a reader is told where they seem to say less than the coded data."""

from __future__ import annotations

import re

_LIMITING = re.compile(
    r"""
    \b\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:jan|feb|maa|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)
    | \b(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)
    | \b(?:mon|tues|wednes|thurs|fri|satur|sun)day
    | \b(?:alleen|only|uitsluitend|tijdens|during|buiten\s+openingstijden|opening\s+hours|when\s+active)\b
    | \b(?:max(?:imum|imaal|imale)?\.?|up\s+to|boven|above|onder|below|vanaf|tot)\s+(?:\w+\s+){0,4}?\d+\s*(?:m|ft|meter|metres|feet)\b
    | \bnotam\b
    | \b\d{1,2}[:.]\d{2}\s*(?:-|–|to|tot|until|uur|h\b|utc|lt)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def text_limits(text: str) -> bool:
    """Say whether a published text seems to limit the days, times or heights at which its zone applies."""
    return _LIMITING.search(text[:10_000]) is not None
