"""What a mission file was taken to mean, read back to people at a terminal, and then its answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zones_api.api.missions import DoubtOut, FlightOut, InterpretationOut, MissionAnswer, PointOut
from zones_api.commands.terminal import Language, print_answer
from zones_api.domain.texts import Bilingual

_MOST_POINTS = 12
_NOT_KNOWN_M = 1_000.0
"""Bounds further apart than this tell nobody anything."""

_LABELS = {
    "flights": Bilingual("flights", "vluchten"),
    "flight": Bilingual("flight", "vlucht"),
    "read as": Bilingual("Read as", "Gelezen als"),
    "understood": Bilingual("This is how the flight was understood", "Zo is de vlucht begrepen"),
    "point": Bilingual("point", "punt"),
    "place": Bilingual("longitude, latitude", "lengte, breedte"),
    "height": Bilingual("height", "hoogte"),
    "not known": Bilingual("not known", "niet bekend"),
    "above ground": Bilingual("m above ground", "m boven de grond"),
    "above sea": Bilingual("m above sea", "m boven zee"),
    "on the ground": Bilingual("the ground", "de grond"),
    "any height": Bilingual("any height", "elke hoogte"),
    "more points": Bilingual("more points", "punten meer"),
    "area": Bilingual("anywhere in an area", "overal in een gebied"),
    "areas": Bilingual("anywhere in areas", "overal in gebieden"),
    "long": Bilingual("Length", "Lengte"),
    "buffer": Bilingual("buffer", "marge"),
    "speed": Bilingual("speed", "snelheid"),
    "holds": Bilingual("held for", "stil voor"),
    "takeoff": Bilingual("Take-off", "Start"),
    "above sea level": Bilingual("above sea level", "boven zeeniveau"),
    "times": Bilingual("Time", "Tijd"),
    "doubt": Bilingual("Look at this", "Kijk hiernaar"),
    "question": Bilingual("One question", "Eén vraag"),
    "option": Bilingual("option", "optie"),
    "file": Bilingual("from the file", "uit het bestand"),
    "given": Bilingual("as you said", "zoals u zei"),
    "computed": Bilingual("computed", "berekend"),
    "ground": Bilingual("from what is known of the ground", "uit wat bekend is van de grond"),
    "assumed": Bilingual("assumed", "aangenomen"),
}
_OPTIONS = {
    "reference": "--reference",
    "heights": "--max-height, --reference",
    "return_height_m": "--return-height",
    "takeoff_elevation_m": "--takeoff-elevation",
}


def print_mission(said: MissionAnswer, console: Console, language: Language) -> None:
    """Print how each flight of a file was understood, then its answer."""
    count = len(said.flights)
    flights = _say("flights" if count > 1 else "flight", language)
    console.print(f"{_say('read as', language)} [bold]{escape(said.format)}[/]: {count} {flights}.")
    _print_doubts(said.doubts, console, language)
    for flight in said.flights:
        _print_flight(flight, console, language, several=count > 1)


def _print_flight(flight: FlightOut, console: Console, language: Language, *, several: bool) -> None:
    if several:
        console.print()
        console.rule(f"{_say('flight', language)} {flight.number}", align="left")
    name = f" [bold]{escape(flight.name)}[/]" if flight.name else ""
    console.print(f"{_say('understood', language)}:{name}")
    taken = flight.interpretation
    if taken.points:
        console.print(_table(taken.points, language))
    more = len(taken.points) - _MOST_POINTS
    if more > 0:
        console.print(f"  [dim]… {more} {_say('more points', language)}[/]")
    for line in _facts(taken, language):
        console.print(f"  {line}", soft_wrap=True)
    _print_doubts(taken.doubts, console, language)
    if taken.question is not None:
        asked = escape(str(getattr(taken.question.sentence, language)))
        option = _OPTIONS.get(taken.question.option, taken.question.option)
        console.print(
            f"[bold]{_say('question', language)}[/] ({taken.question.code}): {asked} [dim]({option})[/]"
        )
    console.print()
    print_answer(flight.answer, console, language)


def _table(points: list[PointOut], language: Language) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("point", "place", "height", "above ground", "above sea"):
        table.add_column(_say(name, language), justify="left" if name in ("point", "place") else "right")
    for point in points[:_MOST_POINTS]:
        lon, lat = point.position
        table.add_row(
            escape(point.place),
            f"{lon:.6f}, {lat:.6f}",
            _height(point, language),
            _between(point.above_ground_m, language),
            _between(point.above_sea_m, language),
        )
    return table


def _height(point: PointOut, language: Language) -> str:
    if point.height is not None:
        return f"{point.height.metres:g} {point.height.reference}"
    return _say("on the ground" if point.role == "takeoff" else "any height", language)


def _between(bounds: tuple[float, float] | None, language: Language) -> str:
    """Return what a height may be; one that may be anything, for want of a known ground, is not known."""
    if bounds is None:
        return "?"
    low, high = (round(bound, 1) for bound in bounds)
    if high - low > _NOT_KNOWN_M:
        return _say("not known", language)
    return f"{low:g}" if low == high else f"{low:g} … {high:g}"


def _facts(taken: InterpretationOut, language: Language) -> list[str]:
    """Return what else was taken, a line each, and where it comes from."""

    def from_(origin: str) -> str:
        return f"({_say(origin, language)})"

    lines = []
    if taken.areas:
        lines.append(_say("area" if len(taken.areas) == 1 else "areas", language))
    buffer = f"{_say('buffer', language)} {taken.buffer_m.value:g} m {from_(taken.buffer_m.origin)}"
    parts = [f"{_say('long', language)}: {taken.length_m:.0f} m", buffer] if taken.points else [buffer]
    if taken.speed_m_s is not None:
        parts.append(
            f"{_say('speed', language)} {taken.speed_m_s.value:g} m/s {from_(taken.speed_m_s.origin)}"
        )
    if taken.hold_s:
        parts.append(f"{_say('holds', language)} {taken.hold_s:g} s")
    lines.append("; ".join(parts))
    takeoff = taken.takeoff
    low, high = takeoff.elevation_m
    metres = f"{low:g}" if low == high else f"{low:g} … {high:g}"
    elevation = f"{metres} m {_say('above sea level', language)} {from_(takeoff.elevation_from)}"
    if takeoff.position is not None and takeoff.position_from is not None:
        lon, lat = takeoff.position
        where = f"{lon:.6f}, {lat:.6f} {from_(takeoff.position_from)}; "
    else:
        where = ""
    lines.append(f"{_say('takeoff', language)}: {where}{elevation}")
    start, end = taken.start, taken.end
    lines.append(
        f"{_say('times', language)}: {_minute(start.value)} {from_(start.origin)}"
        f" – {_minute(end.value, up=True)} {from_(end.origin)} UTC"
    )
    return lines


def _minute(moment: datetime, *, up: bool = False) -> str:
    """Return a moment to the minute: the one it lies in, or the one it lies before."""
    whole = moment.replace(second=0, microsecond=0)
    return f"{whole + timedelta(minutes=1) if up and whole != moment else whole:%Y-%m-%d %H:%M}"


def _print_doubts(doubts: list[DoubtOut], console: Console, language: Language) -> None:
    for doubt in doubts:
        style = "bold" if doubt.severity == "flag" else "dim"
        console.print(f"[{style}]{_say('doubt', language)}:[/] {escape(doubt.detail)}", soft_wrap=True)


def _say(name: str, language: Language) -> str:
    return str(getattr(_LABELS[name], language))
