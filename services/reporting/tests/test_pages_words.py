"""Words, numbers, days and instants of the pages, in both languages, and the two clocks in an address."""

from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from lotse_reporting.pages.choice import read_choice
from lotse_reporting.pages.codes import code
from lotse_reporting.pages.plain import _WORDS, Plain
from lotse_reporting.pages.words import MINUS, NOTHING, Words, choose
from lotse_shared.programme import Indicator, known_sets, read, read_set

DE, EN = Words("de"), Words("en")
PAGES = files("lotse_reporting").joinpath("pages")


def test_every_text_of_the_templates_is_german_too() -> None:
    """A page is never half German: no text is missing in the catalogue, empty, doubtful or left over."""
    found = extract_from_dir(str(PAGES.joinpath("templates")), [("**.html", "jinja2.ext:babel_extract")])
    said = {message for _, _, message, _, _ in found}
    with PAGES.joinpath("locales", "de", "LC_MESSAGES", "pages.po").open("rb") as file:
        catalogue = {one.id: one for one in read_po(file, locale="de") if one.id}
    assert said == set(catalogue)
    assert [one.id for one in catalogue.values() if not one.string or one.fuzzy] == []


def test_placeholders_survive_translation() -> None:
    """A translated sentence names the same figures as the original."""
    with PAGES.joinpath("locales", "de", "LC_MESSAGES", "pages.po").open("rb") as file:
        faults = [(one.id, [str(error) for error in one.check()]) for one in read_po(file, locale="de") if one.id]
    assert [fault for fault in faults if fault[1]] == []


def definitions() -> list[Indicator]:
    """The indicators of all programme files and sets that come with Lotse."""
    files_of = Path(__file__).parents[3].glob("deploy/programmes/*.yaml")
    programmes = [read(path.name, path.read_text()).programme for path in files_of]
    sets = [read_set(name).content for name in known_sets()]
    return [one for part in (*programmes, *sets) for one in part.indicators]


def test_definitions_are_told_in_plain_words() -> None:
    """Every moment and word of our programme files is called something in both languages, not as the file writes it."""
    kinds, names = set(), set()
    for moments in (part for one in definitions() for part in (*one.moments, *one.minus)):
        kinds.add(moments.kind)
        names |= {*moments.where, *([moments.quantity] if moments.quantity else [])}
    assert len(kinds) > 40
    assert names - set(_WORDS) == set()
    for language in ("de", "en"):
        plain = Plain(language)
        assert {kind for kind in kinds if plain.moment(kind).lower() == kind} == set()


@pytest.mark.parametrize(
    ("name", "german", "english"),
    [
        ("self-employed", "selbstständig", "self-employed"),
        ("2 years", "2 Jahre", "2 years"),
        ("ae-25-4a", "Aufenthaltserlaubnis § 25 (4a)", "residence permit 25 (4a)"),
        ("27", "27", "27"),
        ("hf1", "hf1", "hf1"),
    ],
)
def test_codes_are_words_and_everything_else_stays_as_it_is(name: str, german: str, english: str) -> None:
    """Codes, lengths of time and residence documents are spelt out; numbers and names are not touched."""
    assert (code("de", name), code("en", name)) == (german, english)


def test_a_difference_has_a_sign() -> None:
    """A reader sees at once whether a figure went up or down; without a figure there is a dash."""
    assert (DE.difference(25), DE.difference(-1200)) == ("+25", f"{MINUS}1.200")
    assert DE.difference("-1.50", "euros") == f"{MINUS}1,50"
    assert (DE.difference(0), DE.difference(None)) == ("0", NOTHING)


def test_a_month_is_a_month() -> None:
    """Months are written without a day, from the beginning of any ISO form."""
    assert (DE.month("2014-09"), EN.month("2014-09-30")) == ("09/2014", "Sept 2014")


@pytest.mark.parametrize(
    ("value", "counts", "german", "english"),
    [
        (10360, "attendances", "10.360", "10,360"),
        (1160, "", "1.160", "1,160"),
        (None, "", NOTHING, NOTHING),
        ("1234567.5", "euros", "1.234.567,50", "1,234,567.50"),
        ("12.25", "hours", "12,25", "12.25"),
        ("12.00", "hours", "12", "12"),
    ],
)
def test_figures_are_written_as_printed(value: int | str | None, counts: str, german: str, english: str) -> None:
    """Thousands are grouped as the language does; no target gives a dash, euros have cents."""
    assert (DE.figure(value, counts), EN.figure(value, counts)) == (german, english)


def test_instants_are_shown_in_berlin_to_the_millisecond_where_they_have_any() -> None:
    """Two states a moment apart must be told apart by their reader; in summer the zone says so."""
    assert DE.instant("2014-07-01T10:00:00.120Z") == "01.07.2014, 12:00:00,120 MESZ"
    assert DE.instant("2014-12-01T10:00:00Z") == "01.12.2014, 11:00:00 MEZ"
    assert EN.instant(datetime(2014, 12, 1, 10, tzinfo=UTC)) == "1 Dec 2014, 11:00:00 CET"
    assert (DE.day("2014-09-30"), EN.day(date(2014, 9, 30))) == ("30.09.2014", "30 Sept 2014")


def test_the_last_moment_before_the_watermark_is_a_millisecond_earlier() -> None:
    """A report is final strictly before the watermark; knowledge is counted in milliseconds."""
    assert DE.just_before("2026-11-25T01:00:00Z") == "2026-11-25T00:59:59.999Z"


@pytest.mark.parametrize(
    ("asked", "remembered", "accepted", "language"),
    [
        (None, None, None, "de"),
        (None, None, "en-GB,en;q=0.8,de;q=0.5", "en"),
        (None, None, "fr,de-AT;q=0.9,en;q=0.1", "de"),
        (None, None, "en;q=0.2,de;q=0.7", "de"),
        (None, "en", "de", "en"),
        ("de", "en", "en", "de"),
        ("xx", None, "en", "en"),
        (None, None, ";;;q=,en;q=x,\u00e4", "de"),
    ],
)
def test_the_switch_beats_memory_and_memory_beats_the_browser(
    asked: str | None, remembered: str | None, accepted: str | None, language: str
) -> None:
    """Whoever chose a language keeps it; nonsense in a header is left out."""
    assert choose(asked, remembered, accepted).language == language


def test_an_instant_without_offset_is_berlins() -> None:
    """The form sends the clock on the wall; an address that was shared has its offset and means the same moment."""
    from_form, shared = read_choice("", "2026-07-25T14:30:00"), read_choice("", "2026-07-25T12:30:00Z")
    assert from_form.known_at == shared.known_at == datetime(2026, 7, 25, 12, 30, tzinfo=UTC)
    assert from_form.known_at_text == shared.known_at_text == "2026-07-25T14:30:00"
    assert read_choice("", "2026-07-25T14:30:00 02:00").known_at == from_form.known_at  # a plus sign in an address
    assert read_choice(**from_form.query()) == from_form
    assert read_choice("", "2026-07-25T12:30:00.120Z").known_at_text == "2026-07-25T14:30:00.120"


def test_a_day_as_known_at_is_its_end_in_germany() -> None:
    """As known on 30 September: with all that was heard on that day."""
    assert read_choice("", "2014-09-30").known_at == datetime(2014, 9, 30, 21, 59, 59, 999_000, UTC)


@pytest.mark.parametrize("fold", [timezone(timedelta(hours=2)), timezone(timedelta(hours=1))])
def test_the_hour_that_happens_twice_keeps_its_offset_in_an_address(fold: timezone) -> None:
    """At the end of summer time 02:30 happens twice; a shared link says which."""
    at = datetime(2026, 10, 25, 2, 30, tzinfo=fold)
    assert read_choice(**read_choice("", at.isoformat()).query()).known_at == at


@pytest.mark.parametrize(
    ("as_of", "known_at", "wrong"),
    [("30.9.2014", "", "as_of"), ("2014-02-30", "", "as_of"), ("2014-09-30", "yesterday", "known_at")],
)
def test_what_cannot_be_read_names_its_field_and_is_kept(as_of: str, known_at: str, wrong: str) -> None:
    """The reader sees what was typed and which field to correct; nothing is guessed."""
    choice = read_choice(as_of, known_at)
    assert (choice.wrong, choice.as_of_text, choice.known_at_text) == (wrong, as_of, known_at)
