"""Answers and import reports for people at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from zones_api.api.wire import Answer, AppliesOut, AuthorityOut, LimitOut, PublishedText, ZoneOut
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
    "at least": Bilingual("More may be required.", "Er kan meer vereist zijn."),
    "legs": Bilingual("legs", "trajectdelen"),
    "not stated": Bilingual("date not stated", "datum niet vermeld"),
    "issued": Bilingual("issued", "uitgegeven"),
    "received": Bilingual("received", "ontvangen"),
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
    if assessment.at_least:
        console.print(say("at least"))
    for reason in assessment.reasons:
        console.print(f"  [dim]{reason.code}[/] {escape(getattr(reason.sentence, language))}")
    several = len(assessment.question.legs) > 1
    for zone in assessment.zones:
        _print_zone(
            zone, console, language, say("applies" if zone.applies == "yes" else "may apply"), several
        )
    _print_others(say("above"), assessment.above, console, language)
    for other in assessment.not_applicable:
        name = _first(other.name, language)
        why = getattr(other.sentence, language)
        console.print(f"[dim]{say('not applicable')}: {escape(f'{other.identifier} {name}')}, {why}[/]")
    for unread in assessment.quarantined:
        console.print(
            f"{say('set aside')}: {escape(str(unread.identifier))}: {escape('; '.join(unread.defects))}"
        )
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
    texts = _in_language(zone.message, language) + ([zone.conditions] if zone.conditions else [])
    for text in texts:
        console.print(Padding(f"“{escape(text)}”", (0, 0, 0, 2), expand=False))
    for reason in zone.reasons:
        console.print(f"  [dim]{reason.code}[/] {escape(getattr(reason.sentence, language))}")
    for flag in zone.flags:
        console.print(f"  [dim]{flag.code} {escape(flag.detail)}[/]")
    for authority in zone.authorities:
        console.print(f"  {getattr(_LABELS['ask'], language)}: {escape(_contact(authority, language))}")


def _print_others(title: str, zones: Sequence[ZoneOut], console: Console, language: Language) -> None:
    for zone in zones:
        name = _first(zone.name, language)
        console.print(f"[dim]{title}: {escape(f'{zone.identifier} {name}')}, {_heights(zone, language)}[/]")


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
            f" ({document.format}): {taken + set_aside} zones read, {taken} taken, {set_aside} quarantined."
        )
        console.print(f"  {_changes(imported)}")
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
