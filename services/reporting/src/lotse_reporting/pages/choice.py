"""The two clocks a reader chooses: as of which day, as known at which moment."""

from dataclasses import dataclass
from datetime import date, datetime

from lotse_shared.calendar import end_of_day

from lotse_reporting.pages.words import BERLIN


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for. `wrong` names the field that could not be read; then nothing is shown but the form."""

    as_of: date | None = None
    known_at: datetime | None = None
    as_of_text: str = ""
    known_at_text: str = ""
    wrong: str | None = None

    @property
    def live(self) -> bool:
        """Whether the figures may move while one looks at them."""
        return self.known_at is None and self.wrong is None

    def query(self) -> dict[str, str]:
        """The same choice as an address has it: instants with their offset, so that a shared link is exact."""
        return {
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "known_at": self.known_at.isoformat().replace("+00:00", "Z") if self.known_at else "",
        }


def read_choice(as_of: str, known_at: str) -> Choice:
    """The choice in an address. A moment without an offset is Berlin's, as the form sends it; a day is its end."""
    as_of, known_at = as_of.strip()[:40], known_at.strip()[:40]
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        return Choice(as_of_text=as_of, known_at_text=known_at, wrong="as_of")
    try:
        at = _moment(known_at) if known_at else None
        shown = _shown(at) if at else ""
    except (ValueError, OverflowError):  # the calendar ends with the year 9999
        return Choice(day, None, as_of, known_at, wrong="known_at")
    return Choice(day, at, as_of, shown)


def _moment(text: str) -> datetime:
    if len(text) == len("2014-10-01"):
        return end_of_day(date.fromisoformat(text))
    at = datetime.fromisoformat(text.replace(" ", "+"))
    return at if at.tzinfo else at.replace(tzinfo=BERLIN)


def _shown(at: datetime) -> str:
    """A moment as the form's field takes it: on Berlin's clock, milliseconds only where there are any."""
    precision = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(BERLIN).replace(tzinfo=None).isoformat(timespec=precision)
