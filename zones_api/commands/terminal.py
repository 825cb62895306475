"""Answers and import reports for people at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from zones_api.api.wire import (
    Answer,
    AppliesOut,
    AuthorityOut,
    ClearanceOut,
    LimitOut,
    PublishedText,
    TimeOut,
    ZoneOut,
)
from zones_api.domain.texts import Bilingual
from zones_api.errors import Defect
from zones_api.formats.document import Document
from zones_api.publishing import Imported, ImportResult

Language = Literal["en", "nl"]

_STYLES = {
    "PROHIBITED": "bold white on red",
    "AUTHORIZATION_REQUIRED": "bold black on dark_orange",
    "USPACE": "bold white on blue",
    "CONDITIONAL": "bold black on yellow",
    "NO_ZONE_FOUND": "bold",
    "UNKNOWN": "bold white on grey37",
}
_LABELS = {
    "surface": Bilingual("the surface", "het oppervlak"),
    "unlimited": Bilingual("no upper limit", "geen bovengrens"),
    "unreadable": Bilingual(
        "height limits that cannot be relied on", "hoogtegrenzen waarop niet te bouwen valt"
    ),
    "applies": Bilingual("applies", "geldt"),
    "may apply": Bilingual("may apply", "geldt mogelijk"),
    "above": Bilingual("Above what you asked about", "Boven wat u vroeg"),
    "not applicable": Bilingual("Here, but not applicable", "Hier, maar niet van toepassing"),
    "set aside": Bilingual("Near here, but unreadable", "In de buurt, maar onleesbaar"),
    "ask": Bilingual("Ask", "Vraag"),
    "asked": Bilingual("You asked", "U vroeg"),
    "ground": Bilingual("the ground", "de grond"),
    "area": Bilingual("an area", "een gebied"),
    "not checked": Bilingual("Not checked", "Niet gecontroleerd"),
    "data": Bilingual("Data", "Gegevens"),
    "legs": Bilingual("legs", "trajectdelen"),
    "not stated": Bilingual("date not stated", "datum niet vermeld"),
    "issued": Bilingual("issued", "uitgegeven"),
    "received": Bilingual("received", "ontvangen"),
    "stale": Bilingual("Too old to rely on", "Te oud om op te bouwen"),
    "leg": Bilingual("leg", "trajectdeel"),
    "inside": Bilingual("inside from", "binnen van"),
    "to": Bilingual("to", "tot"),
    "above ground": Bilingual("above ground", "boven de grond"),
    "in force": Bilingual("In force", "Van kracht"),
    "may be in force": Bilingual("May be in force", "Mogelijk van kracht"),
    "next change": Bilingual("Next change", "Volgende verandering"),
    "as read": Bilingual(
        "as the reviewed reading of its text requires", "zoals de nagekeken lezing van zijn tekst vereist"
    ),
    "as published": Bilingual("as published", "zoals gepubliceerd"),
    "as coded": Bilingual(
        "as its authority coded the conditions", "zoals de instantie de voorwaarden codeerde"
    ),
    "ask by": Bilingual("ask before", "vraag vóór"),
    "clear by": Bilingual("missed by", "op"),
    "upcoming": Bilingual("Comes into force here", "Wordt hier van kracht"),
    "nearby": Bilingual("Nearby", "In de buurt"),
    "at least": Bilingual("More may be required.", "Er kan meer vereist zijn."),
    "free height": Bilingual(
        "No zone restricts, or may, from the ground up to",
        "Geen zone beperkt, ook niet mogelijk, van de grond tot",
    ),
    "any height": Bilingual("any height", "welke hoogte dan ook"),
    "it passes": Bilingual(
        "This question meets no restricting zone", "Deze vraag ontmoet geen beperkende zone"
    ),
    "up to": Bilingual("up to", "tot"),
    "from": Bilingual("from", "van"),
    "exempts": Bilingual(
        "May exempt someone from another zone", "Kan iemand vrijstellen van een andere zone"
    ),
}


def print_answer(answer: Answer, console: Console, language: Language) -> None:
    """Print an answer: the headline first, then what proves it, then what was not checked."""

    def say(name: str) -> str:
        return str(getattr(_LABELS[name], language))

    assessment = answer.assessment
    for warning in _in_language(answer.warnings, language):
        console.print(f"[bold reverse] ! [/] {escape(warning)}")
    console.print(f"[{_STYLES[answer.verdict]}] {getattr(answer.headline, language)} [/]")
    console.print(escape(getattr(answer.sentence, language)))
    console.print(f"[dim]{say('asked')}: {escape(_asked(answer, language))}[/]")
    if answer.at_least:
        console.print(say("at least"))
    for reason in assessment.reasons:
        console.print(f"  [dim]{reason.code}[/] {escape(getattr(reason.sentence, language))}")
    several = len(assessment.question.legs) > 1
    for stale in answer.stale:
        console.print(f"  {say('stale')}: {escape(stale)}")
    for zone in assessment.zones:
        _print_zone(
            zone, console, language, say("applies" if zone.applies == "yes" else "may apply"), several
        )
    if assessment.zones:
        console.print()
    for candidate in assessment.exemption_candidates:
        console.print(f"[dim]{say('exempts')}: {escape(f'{candidate.country} {candidate.identifier}')}[/]")
    _print_change(answer, console, language)
    for above in assessment.above:
        name = escape(f"{above.identifier} {_first(above.name, language)}")
        gap = _gap(above.clearance, language)
        console.print(f"[dim]{say('above')}: {name}, {_heights(above, language)}, {gap}[/]")
    for other in assessment.not_applicable:
        name = _first(other.name, language)
        why = getattr(other.sentence, language)
        gap = f" ({_gap(other.clearance, language)})" if other.clearance else ""
        console.print(f"[dim]{say('not applicable')}: {escape(f'{other.identifier} {name}')}, {why}{gap}[/]")
    for coming in assessment.upcoming:
        console.print(
            f"[dim]{say('upcoming')}: {escape(coming.identifier)}, {say('from')} {_moment(coming.starts_at)}[/]"
        )
    if assessment.nearby:
        near = "; ".join(f"{zone.identifier} {zone.horizontal_m} m" for zone in assessment.nearby)
        console.print(f"[dim]{say('nearby')}: {escape(near)}[/]")
    for gone in assessment.gone:
        console.print(f"[dim]{escape(getattr(gone.sentence, language))}[/]")
    for unread in assessment.quarantined:
        console.print(
            f"{say('set aside')}: {escape(str(unread.identifier))}: {escape('; '.join(unread.defects))}"
        )
    for rule in assessment.general_rules:
        if rule.result in ("EXCEEDED", "CANNOT_TELL"):
            console.print(f"[dim]{escape(getattr(rule.sentence, language))}[/]")
    console.print(
        f"[dim]{say('not checked')}: {'; '.join(getattr(t, language) for t in assessment.not_checked)}.[/]"
    )
    for data_set in assessment.data_sets:
        issued = f"{say('issued')} {data_set.issued:%Y-%m-%d}" if data_set.issued else say("not stated")
        received = (
            f", {say('received')} {data_set.received_at:%Y-%m-%d %H:%M} UTC" if data_set.received_at else ""
        )
        console.print(f"[dim]{say('data')}: {data_set.data_set}, {issued}{received}[/]")


def _asked(answer: Answer, language: Language) -> str:
    """Return the question in one line: where, between which heights, when."""
    asked = answer.assessment.question
    ends = [end for leg in asked.legs for end in leg.ends]
    where = f"{ends[0][0]:.6g}, {ends[0][1]:.6g}" if ends else getattr(_LABELS["area"], language)
    if len(ends) > 1:
        where += f" → {ends[-1][0]:.6g}, {ends[-1][1]:.6g} ({len(asked.legs)} {getattr(_LABELS['legs'], language)})"
    if asked.buffer_m:
        where += f" ± {asked.buffer_m:g} m"
    lower, upper = asked.heights.lower, asked.heights.upper
    bottom = f"{lower.metres:g} m {lower.reference}" if lower else getattr(_LABELS["ground"], language)
    top = f"{upper.metres:g} m {upper.reference}" if upper else getattr(_LABELS["unlimited"], language)
    heights = top if lower == upper and upper else f"{bottom} – {top}"
    when = f"{asked.start:%Y-%m-%d %H:%M}"
    if asked.end != asked.start:
        when += f" – {asked.end:%Y-%m-%d %H:%M}"
    return f"{where}; {heights}; {when} UTC"


def _print_zone(
    zone: AppliesOut, console: Console, language: Language, certainty: str, several: bool
) -> None:
    heights = _heights(zone, language)
    console.print(
        f"\n[bold]{escape(zone.country)} {escape(zone.identifier)}[/] {escape(_first(zone.name, language))}\n"
        f"  [bold]{escape(zone.published_type)}[/], {certainty}; {heights}"
        + (f"; {getattr(_LABELS['legs'], language)} {_ranges(zone.legs)}" if several else "")
    )
    if zone.mended:
        console.print(f"  [bold]![/] {escape(getattr(zone.mended.sentence, language))}")
    if zone.reading:
        as_read, published = (getattr(_LABELS[name], language) for name in ("as read", "as published"))
        console.print(f"  [bold]{zone.outcome}[/] {as_read} ({published}: {zone.outcome_as_published})")
        for row in zone.reading:
            console.print(f"  [dim]{escape(row.source)} ({row.reviewed_on})[/]")
    elif zone.coded_conditions:
        console.print(f"  [bold]{zone.outcome}[/] {getattr(_LABELS['as coded'], language)}")
    for line in _crossings(zone, language):
        console.print(f"  [dim]{line}[/]")
    for line in _times(zone, language):
        console.print(f"  {line}")
    texts = _in_language(zone.message, language) + ([zone.conditions] if zone.conditions else [])
    for text in texts:
        console.print(Padding(f"“{escape(text)}”", (0, 0, 0, 2), expand=False))
    for reason in zone.reasons:
        console.print(f"  [dim]{reason.code}[/] {escape(getattr(reason.sentence, language))}")
    for flag in zone.flags:
        console.print(f"  [dim]{flag.code} {escape(flag.detail)}[/]")
    for authority in zone.authorities:
        console.print(f"  {getattr(_LABELS['ask'], language)}: {escape(_contact(authority, language))}")


_MOST_CROSSINGS = 8


def _crossings(zone: AppliesOut, language: Language) -> list[str]:
    """Return where each leg goes in and out; the legs beyond the first few stand in the JSON alone."""

    def say(name: str) -> str:
        return str(getattr(_LABELS[name], language))

    lines = []
    for encounter in zone.encounters:
        heights = encounter.heights_above_ground_m
        top = f"{heights.upper:g} m" if heights.upper is not None else say("unlimited")
        for passage in encounter.passages:
            if passage.entry.distance_m == passage.exit.distance_m == 0.0:
                continue
            ends = (passage.entry, passage.exit)
            where = f" {say('to')} ".join(
                f"{end.position[0]:.5f}, {end.position[1]:.5f} ({end.distance_m:.0f} m)" for end in ends
            )
            between = f"{heights.lower:g} – {top} {say('above ground')}"
            lines.append(f"{say('leg')} {encounter.leg + 1}: {say('inside')} {where}; {between}")
    return lines if len(lines) <= _MOST_CROSSINGS else [*lines[:_MOST_CROSSINGS], "…"]


def _times(zone: AppliesOut, language: Language) -> list[str]:
    """Return when a zone that is not always in force is, and when that changes."""
    if zone.next_change is None:
        return []
    lines = []
    for span in zone.active[:_MOST_CROSSINGS]:
        label = getattr(_LABELS["in force" if span.certain else "may be in force"], language)
        if span.start.utc != span.end.utc:
            lines.append(f"{label}: {_moment(span.start)} – {_moment(span.end)}")
    return [*lines, f"{getattr(_LABELS['next change'], language)}: {_moment(zone.next_change)}"]


def _print_change(answer: Answer, console: Console, language: Language) -> None:
    """Print up to which height no zone restricts, and at which height or time this question would pass."""

    def say(name: str) -> str:
        return str(getattr(_LABELS[name], language))

    assessment = answer.assessment
    free, change = assessment.max_free_height, assessment.what_would_change_it
    if free is not None and free.metres != 0:
        height = say("any height") if free.metres is None else f"{free.metres} m AGL"
        console.print(f"{say('free height')} {height}.")
    if change.max_height is not None:
        height = f"{change.max_height.metres:g} m {change.max_height.reference}"
        console.print(f"{say('it passes')} {say('up to')} {height}.")
    for window in change.windows:
        times = f"{say('from')} {_moment(window.start)}"
        if window.start.utc != window.end.utc:
            times += f" {say('to')} {_moment(window.end)}"
        console.print(f"{say('it passes')} {times}.")


def _gap(clearance: ClearanceOut, language: Language) -> str:
    least, most = clearance.vertical_m
    metres = f"{least:g} m" if least == most else f"{least:g}–{most:g} m"
    return f"{getattr(_LABELS['clear by'], language)} {metres}"


def _moment(moment: TimeOut) -> str:
    utc = f"{moment.utc:%Y-%m-%d %H:%M} UTC"
    if moment.local is None:
        return utc
    return f"{moment.local:%Y-%m-%d %H:%M} {moment.time_zone} ({utc})"


def _heights(zone: ZoneOut, language: Language) -> str:
    if zone.limits.doubt:
        return str(getattr(_LABELS["unreadable"], language))

    def limit(value: LimitOut | None, none: str) -> str:
        if value is None:
            return str(getattr(_LABELS[none], language))
        return f"{value.published:g} {value.uom.lower()} {value.reference}"

    return f"{limit(zone.limits.lower, 'surface')} – {limit(zone.limits.upper, 'unlimited')}"


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers from 1 with runs joined: 1, 3-5."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{run[0] + 1}-{run[-1] + 1}" if len(run) > 1 else str(run[0] + 1) for run in parts)


def _in_language(texts: Sequence[PublishedText], language: Language) -> list[str]:
    """Return the published texts in a language, or all of them where the publisher has none in it."""
    own = [text.text for text in texts if text.lang and text.lang.lower().startswith(language)]
    return own or [text.text for text in texts]


def _first(texts: Sequence[PublishedText], language: Language) -> str:
    return next(iter(_in_language(texts, language)), "")


def _contact(authority: AuthorityOut, language: Language) -> str:
    parts = [
        _first(authority.name, language),
        _first(authority.service, language),
        authority.email,
        authority.phone,
        authority.site_url,
        authority.interval_before,
        f"{getattr(_LABELS['ask by'], language)} {_moment(authority.ask_by)}" if authority.ask_by else None,
    ]
    purpose = f" ({authority.purpose.lower()})" if authority.purpose else ""
    return ", ".join(part for part in parts if part) + purpose


def print_import(
    result: ImportResult, files: dict[str, Path], documents: dict[str, Document], console: Console
) -> None:
    """Print what was read, taken and set aside, and why, file by file."""
    for imported in result.documents:
        document = documents[imported.data_set]
        taken, set_aside = len(document.zones), len(document.quarantined)
        console.print(
            f"[bold]{escape(files[imported.data_set].name)}[/] → data set [bold]{imported.data_set}[/]"
            f" ({document.published_in}): {taken + set_aside} zones read, {taken} taken, {set_aside} quarantined."
        )
        for sentence in document.said:
            console.print(f"  {escape(sentence)}", soft_wrap=True)
        console.print(f"  {_changes(imported)}")
        for notice in imported.notices:
            console.print(f"  [bold]![/] {escape(notice)}", soft_wrap=True)
        for zone in document.quarantined:
            why = "; ".join(f"{d.pointer} {d.detail}" for d in zone.defects if d.severity == "quarantine")
            console.print(
                f"  [bold]quarantined[/] {escape(str(zone.identifier))} at {zone.pointer}: {escape(why)}"
            )
        _print_counts(document.defects, console)
    if result.is_new:
        console.print(f"The register is now at revision [bold]{result.revision}[/].")
    else:
        console.print(f"Nothing changed: the register holds this already, at revision {result.revision}.")


def _changes(imported: Imported) -> str:
    return (
        f"{imported.added} new, {imported.changed} changed, {imported.removed} withdrawn,"
        f" {imported.unchanged} as they were."
    )


def _print_counts(defects: Sequence[Defect], console: Console) -> None:
    for severity, label in (("flag", "in force with a doubt"), ("note", "noted")):
        counts = Counter(defect.code for defect in defects if defect.severity == severity)
        first = {defect.code: defect for defect in reversed(defects) if defect.severity == severity}
        for code, count in counts.most_common():
            example = f"{first[code].pointer}: {first[code].detail}"
            console.print(f"  [dim]{label}: {count} × {code}, first at {escape(example)}[/]")


def print_defects(defects: Sequence[Defect], console: Console) -> None:
    """Print every defect of a refused document."""
    for defect in defects:
        console.print(
            f"  {defect.severity:<10} {defect.pointer or '(document)'}: {escape(defect.detail)}",
            soft_wrap=True,
        )
