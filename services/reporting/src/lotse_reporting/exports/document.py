"""A report as tables of cells, before anybody decides what kind of file it becomes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lotse_shared.programme import Programme
from markupsafe import Markup

from lotse_reporting.exports.wording import say
from lotse_reporting.pages.codes import code
from lotse_reporting.pages.rendering import fragment
from lotse_reporting.pages.words import Words, read_instant
from lotse_reporting.report import ReportAnswer

Cell = str | int | Decimal | None
"""Text, a number, or nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading. `numeric` says of each column whether it holds numbers."""

    title: str
    columns: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report in one language.

    `stamp` says which report it is (its number, both clocks, edition, digest): every file bears it. `known` is the
    instant it was known at, which also dates the file, so that the same report makes the same bytes.
    """

    number: str
    title: str
    words: Words
    known: datetime
    stamp: Sequence[tuple[str, str]]
    tables: Sequence[Table]


def number_of(report: Mapping[str, Any], digest: str) -> str:
    """The number of a report: operation, as-of day, and the beginning of its digest. The same report has the same."""
    return f"{report['operation']}-{report['as_of']}-{digest[:12]}"


def document_of(
    about: Mapping[str, Any],
    answer: ReportAnswer,
    programme: Programme,
    profile: Mapping[str, Any],
    words: Words,
    told: Sequence[Mapping[str, Any]],
) -> Document:
    """A report with the common block of its operation, what people wrote in it, and by which definitions it counts."""
    report = answer.report
    number = number_of(report, answer.digest)
    tables = [_indicators(answer, words), *_parts(answer, words), *_profile(profile, words), _told(told, words)]
    tables.append(_definitions(programme, words))
    return Document(
        number,
        words.name(about),
        words,
        read_instant(report["known_at"]),
        stamp(about, answer, words, profile),
        [table for table in tables if table.rows],
    )


def stamp(
    about: Mapping[str, Any], answer: ReportAnswer, words: Words, profile: Mapping[str, Any] | None = None
) -> list[tuple[str, str]]:
    """What marks a file: which report it is, as of when, as known when, by which definitions, with which digest."""
    report, told = answer.report, profile or {}
    period = " – ".join(words.day(report["period"][end]) for end in ("from", "until"))  # noqa: RUF001 - the dash of German spans
    state = "final" if answer.state["final"] else "not final"
    lines = [
        ("number", number_of(report, answer.digest)),
        ("operation", words.name(about)),
        ("funder", told.get("funder")),
        ("reference", told.get("reference")),
        ("programme", report["programme"]),
        ("period", period),
        ("region", code(words.language, told["region"]) if told.get("region") else None),
        ("granted", _euros(told.get("money", {}).get("granted"), words)),
        ("as of", words.day(report["as_of"])),
        ("known at", words.instant(report["known_at"])),
        ("state", say(words, state)),
        ("edition", report["edition"]),
        ("digest", answer.digest),
        ("source", answer.source),
    ]
    return [(say(words, name), text) for name, text in lines if text]


def _euros(amount: str | None, words: Words) -> str | None:
    return f"{words.figure(amount, 'euros')} €" if amount is not None else None


def cell(counts: str, value: int | str | None) -> Cell:
    """A figure as a number: euros and hours come as decimal strings."""
    return Decimal(value) if isinstance(value, str) and counts else value


def _indicators(answer: ReportAnswer, words: Words) -> Table:
    return Table(
        say(words, "targets and results"),
        [say(words, name) for name in ("indicator", "counted in", "target", "result")] + ["%"],
        (False, False, True, True, True),
        [
            (
                one["title"][words.language],
                say(words, one["counts"]),
                one["target"],
                cell(one["counts"], one["result"]),
                one["percent"],
            )
            for one in answer.report["indicators"]
        ],
        say(words, "rows overlap"),
    )


def _parts(answer: ReportAnswer, words: Words) -> Iterator[Table]:
    if answer.breakdown is None:
        return
    breakdown, parts = answer.breakdown, answer.breakdown["parts"]
    named = [_part(answer.partners.get(one["part"], one["part"]), words) for one in parts]
    rows: list[list[Cell]] = []
    for one in answer.report["indicators"]:
        if any(one["id"] in part["results"] for part in parts):
            figures = [cell(one["counts"], part["results"].get(one["id"])) for part in parts]
            rows.append([one["title"][words.language], *figures, cell(one["counts"], one["result"])])
    yield Table(
        say(words, f"by {breakdown['by']}"),
        [say(words, "indicator"), *named, say(words, "total")],
        (False, *(True for _ in parts), True),
        rows,
        f"SHA-256: {breakdown['digest']}",
    )


def _part(name: object, words: Words) -> str:
    """What a part is called: a gender in words, a partner, site or quarter by its name."""
    return code(words.language, str(name)) if name and name != "unknown" else say(words, "unknown")


def _profile(profile: Mapping[str, Any], words: Words) -> Iterator[Table]:
    names = ("partner", "role", "subproject", "joined on", "left on")
    yield Table(
        say(words, "partners"),
        [say(words, name) for name in names],
        (False,) * len(names),
        [
            (
                one["name"] or one["id"],
                code(words.language, one["role"]),
                one["subproject_title"] or one["subproject"],
                words.day(one["joined_on"]),
                words.day(one["left_on"]) if one["left_on"] else None,
            )
            for one in profile["partners"]
        ],
    )
    records = ("entered", "complete", "incomplete", "refused")
    yield Table(
        say(words, "records"),
        [say(words, name) for name in records],
        (True,) * len(records),
        [tuple(profile["records"][name] for name in records)],
        say(words, "records explained"),
    )
    sources, total = profile["money"]["sources"], profile["money"]["total"]
    money = ("budget", "committed", "requested", "paid")
    yield Table(
        say(words, "money"),
        [say(words, name) for name in ("money from", *money, "share of budget", "share of paid")],
        (False, *(True for _ in range(len(money) + 2))),
        [
            (
                code(words.language, one["source"]),
                *(Decimal(one[name]) for name in money),
                one["percent_of_budget"],
                one["percent_of_paid"],
            )
            for one in sources
        ]
        + [(say(words, "total"), *(Decimal(total[name]) for name in money), None, None) for _ in sources[:1]],
    )
    yield Table(
        say(words, "areas"),
        [say(words, name) for name in ("area", "figure", "of", "value", "year")],
        (False, False, False, True, True),
        [
            (
                area["area"],
                code(words.language, one["kind"]),
                code(words.language, one["scope"]),
                say(words, "not stated") if one["value"] is None else Decimal(one["value"]),
                one["year"],
            )
            for area in profile["areas"]
            for one in area["figures"]
        ],
    )
    yield Table(
        say(words, "milestones"),
        [say(words, name) for name in ("milestone", "reached on")],
        (False, False),
        [(code(words.language, one["milestone"]), words.day(one["reached_on"])) for one in profile["milestones"]],
    )


def _told(sections: Sequence[Mapping[str, Any]], words: Words) -> Table:
    return Table(
        say(words, "narrative"),
        [say(words, name) for name in ("section", "text")],
        (False, False),
        [(say(words, one["section"]), one["text"]) for one in sections],
    )


def _definitions(programme: Programme, words: Words) -> Table:
    """What each figure counts, in the words of its page, with those of the programme file beside them."""
    titles = {one.id: one.title.model_dump()[words.language] for one in programme.indicators}
    told = [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in programme.indicators]
    return Table(
        say(words, "definitions"),
        [say(words, name) for name in ("indicator", "definition")],
        (False, False),
        [
            (titles[one["id"]], Markup(fragment(words, "definition.html", one=one, titles=titles)).striptags())  # noqa: S704 - text for a file
            for one in told
        ],
    )
