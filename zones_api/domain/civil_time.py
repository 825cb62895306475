"""The civil time of countries: what a clock on the wall says, and whether it changes for summer.

Source: the IANA time zone database (public domain), `zone1970.tab`, the zone of each country's capital; the codes
are ISO 3166-1 alpha-3. Territories overseas have codes and clocks of their own and are not meant.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

TIME_ZONES = {
    "ALB": "Europe/Tirane",
    "AND": "Europe/Andorra",
    "AUT": "Europe/Vienna",
    "BEL": "Europe/Brussels",
    "BGR": "Europe/Sofia",
    "BIH": "Europe/Sarajevo",
    "CHE": "Europe/Zurich",
    "CYP": "Asia/Nicosia",
    "CZE": "Europe/Prague",
    "DEU": "Europe/Berlin",
    "DNK": "Europe/Copenhagen",
    "ESP": "Europe/Madrid",
    "EST": "Europe/Tallinn",
    "FIN": "Europe/Helsinki",
    "FRA": "Europe/Paris",
    "GBR": "Europe/London",
    "GRC": "Europe/Athens",
    "HRV": "Europe/Zagreb",
    "HUN": "Europe/Budapest",
    "IRL": "Europe/Dublin",
    "ISL": "Atlantic/Reykjavik",
    "ITA": "Europe/Rome",
    "LIE": "Europe/Vaduz",
    "LTU": "Europe/Vilnius",
    "LUX": "Europe/Luxembourg",
    "LVA": "Europe/Riga",
    "MCO": "Europe/Monaco",
    "MDA": "Europe/Chisinau",
    "MKD": "Europe/Skopje",
    "MLT": "Europe/Malta",
    "MNE": "Europe/Podgorica",
    "NLD": "Europe/Amsterdam",
    "NOR": "Europe/Oslo",
    "POL": "Europe/Warsaw",
    "PRT": "Europe/Lisbon",
    "ROU": "Europe/Bucharest",
    "SMR": "Europe/San_Marino",
    "SRB": "Europe/Belgrade",
    "SVK": "Europe/Bratislava",
    "SVN": "Europe/Ljubljana",
    "SWE": "Europe/Stockholm",
    "UKR": "Europe/Kyiv",
    "VAT": "Europe/Vatican",
}


def local(moment: datetime, country: str) -> datetime | None:
    """Return a moment in a country's civil time, None where that is not known or the calendar ends."""
    zone = _zone(country)
    try:
        return None if zone is None else moment.astimezone(zone)
    except OverflowError:
        return None


def begins(day: date, country: str) -> datetime | None:
    """Return when a day begins by a country's clock, UTC; None where that is not known or the calendar ends."""
    zone = _zone(country)
    try:
        return None if zone is None else datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return None


@cache
def has_summer_time(country: str) -> bool:
    """Say whether a country's clocks are put forward for summer; no where its civil time is not known."""
    zone = _zone(country)
    if zone is None:
        return False
    winter, summer = (datetime(2026, month, 15, tzinfo=UTC).astimezone(zone) for month in (1, 7))
    return winter.utcoffset() != summer.utcoffset()


def clocks_change(country: str, start: datetime | None, end: datetime | None) -> bool:
    """Say whether a country's clocks are put forward or back between two moments; None is without an end."""
    if start is None or end is None or end - start > timedelta(days=366):
        return has_summer_time(country)
    # Neither summer time nor what lies between two of them is as short as a month.
    month = timedelta(days=30)
    at = [start + month * n for n in range(-((start - end) // month))]
    clocks = [local(each, country) for each in (*at, end - timedelta(microseconds=1))]
    return len({clock.utcoffset() for clock in clocks if clock is not None}) > 1


@cache
def _zone(country: str) -> ZoneInfo | None:
    name = TIME_ZONES.get(country)
    return ZoneInfo(name) if name else None
