"""Language of a page: which one, its words, and how it writes numbers, days and instants."""

import gettext
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES: Final = ("de", "en")
"""The first is spoken to whoever names none of them."""
BERLIN: Final = ZoneInfo("Europe/Berlin")
NOTHING: Final = "–"  # noqa: RUF001 - the dash that German tables print
"""Printed where there is no figure, as in a percent of no target."""
MINUS: Final = "\N{MINUS SIGN}"

_MILLISECOND: Final = timedelta(milliseconds=1)
_LOCALES: Final = {"de": Locale("de", "DE"), "en": Locale("en", "GB")}
_PLACES: Final = {"euros": "#,##0.00", "hours": "#,##0.##"}


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Dates that count are Berlin's; instants are shown in Berlin's time, with its zone."""

    language: str

    @property
    def locale(self) -> Locale:
        """How this language writes numbers and dates."""
        return _LOCALES[self.language]

    def name(self, operation: Mapping[str, Any]) -> str:
        """What an operation is called for short: its title up to a dash; its id where its programme file has none."""
        return self._title(operation)[0]

    def meaning(self, operation: Mapping[str, Any]) -> str:
        """The rest of its title, often what the short name stands for."""
        return self._title(operation)[2]

    def _title(self, operation: Mapping[str, Any]) -> tuple[str, str, str]:
        title = operation["title"]
        return str(title[self.language] if title else operation["id"]).partition(" - ")

    def figure(self, value: int | str | None, counts: str = "") -> str:
        """A target or result as printed: thousands grouped, euros with cents, hours with what they have."""
        if value is None:
            return NOTHING
        return format_decimal(Decimal(value), format=_PLACES.get(counts, "#,##0.###"), locale=self.locale)

    def difference(self, value: int | str | None, counts: str = "") -> str:
        """By how much a figure moved, with its sign."""
        if value is None:
            return NOTHING
        moved = Decimal(value)
        return f"{'+' if moved > 0 else MINUS if moved < 0 else ''}{self.figure(str(abs(moved)), counts)}"

    def day(self, value: str | date | None) -> str:
        """A calendar day in figures."""
        if value is None:
            return NOTHING
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return format_date(day, "dd.MM.yyyy" if self.language == "de" else "d MMM yyyy", locale=self.locale)

    def month(self, value: str) -> str:
        """A calendar month, from the beginning of its ISO form."""
        year, month = value[:7].split("-")
        return format_date(
            date(int(year), int(month), 1), "MM/yyyy" if self.language == "de" else "MMM yyyy", self.locale
        )

    def instant(self, value: str | datetime | None) -> str:
        """An instant to the second, or to the millisecond where it has any."""
        if value is None:
            return NOTHING
        at = read_instant(value).astimezone(BERLIN)
        comma = "," if self.language == "de" else "."
        fraction = f"'{comma}'SSS" if at.microsecond else ""
        days = "dd.MM.yyyy" if self.language == "de" else "d MMM yyyy"
        return format_datetime(at, f"{days}, HH:mm:ss{fraction} z", tzinfo=BERLIN, locale=self.locale)

    def known(self, value: int | None) -> str:
        """A knowledge time (milliseconds), as an instant."""
        return self.instant(None if value is None else datetime.fromtimestamp(value / 1000, UTC))

    def just_before(self, value: str | datetime) -> str:
        """The last moment before an instant, as an address has it: a report is final strictly before the watermark."""
        return (
            (read_instant(value).astimezone(UTC) - _MILLISECOND)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )


def read_instant(value: str | datetime) -> datetime:
    """An instant from its ISO form."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def choose(asked: str | None, remembered: str | None, accepted: str | None) -> Words:
    """The language of a page: asked for by the switch, else remembered, else what the browser accepts."""
    for language in (asked, remembered):
        if language in LANGUAGES:
            return Words(language)
    found = negotiate_locale(_preferred(accepted or ""), LANGUAGES, sep="-")
    return Words(found or LANGUAGES[0])


def _preferred(header: str) -> Sequence[str]:
    """Languages of an Accept-Language header, best first; what cannot be read is left out."""
    weighed: list[tuple[float, int, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if tag and quality > 0:
            weighed.append((-quality, len(weighed), tag))
    return [tag for *_, tag in sorted(weighed)]


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The words of a language. English is what the templates are written in."""
    path = files("lotse_reporting").joinpath("pages", "locales", language, "LC_MESSAGES", "pages.po")
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    made = io.BytesIO()
    write_mo(made, read)
    made.seek(0)
    return gettext.GNUTranslations(made)
