"""Programme files: what people or attackers write by mistake is refused with its line; sets, windows, ratios."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lotse_shared.calendar import period_end
from lotse_shared.programme import Counts, Indicator, Per, ProgrammeError, Ratio, known_sets, read, read_set

FILE = """\
operation: forst
programme: biwaq-2014-2020
period: {from: 2019-01-01, until: 2022-12-31}
source: Stadt Forst
indicators:
  - id: own
    title: {de: Eigene, en: Own}
    counts: enterprises
    moments:
      - is: employer-advised
        where: {employer.headcount: {at-most: 49}}
    per: entity
    window: {from: 2019-01-01, until: 2021-12-31}
include:
  - set: esf-plus-2021
    targets: {eeco19: 40}
    without: [eeco18]
"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "operation: &one mehrlin\nprogramme: *one",
            "line 2, column 12: is not YAML as programme files are written: `*n",
        ),
        ("indicators: &all [*all]", "line 1, column 19: is not YAML as programme files are written: `*n"),
        ("[" * 20_000, "line 1: holds something too deep"),
        (
            "operation: mila\nprogramme: esf\nsource: us\nperiod: {from: 2011-13-01, until: 2014-09-30}",
            "line 4: period.from: Input should be",
        ),
    ],
    ids=["alias", "circle", "depth", "day"],
)
def test_a_file_that_leads_astray_is_refused(content, says):
    """Aliases, endless depth and days that are in no calendar are mistakes in the file, not faults of ours."""
    with pytest.raises(ProgrammeError, match=re.escape(says)):
        read("file", content)


@pytest.mark.parametrize(
    ("content", "line", "column", "says"),
    [
        ("operation: x: y", 1, 13, "put text with a colon in quotation marks"),
        ("operation: x\n  programme: y", 2, 12, "begin the key in the same column"),
        ("operation: x\nperiod:\n\tfrom: 2019-01-01", 3, 1, "a tab: indent with blanks"),
        ("operation: x\nprogramme\nsource: y", 3, 1, "a key without a colon"),
        ('operation: x\nprogramme: "y\nsource: z\n', 2, 12, "never closed"),
        ("operation: x\nwithout: [a, b\nsource: y", 3, 7, "the `]` of the list that begins in line 2 is missing"),
        ("operation: x\ntargets: {a: 1\nsource: y", 3, 7, "the `}` of what begins in line 2 is missing"),
        ("a: b\ninclude:\n  - set: c\n targets: d", 4, 2, "does not belong to what begins in line 1"),
        ("source: @us", 1, 9, "put it in quotation marks"),
        ("source: 'it's'", 1, 13, "put what holds such a mark in the other kind"),
        ('source: "a\\q"', 1, 12, "a backslash"),
        ("source: us\n---\nsource: you", 2, 1, "a second document"),
        ("operation: x\nsource: !us", 2, 9, "`!` begins the name of a type"),
        ("operation: x\nsource: a\x07b", 2, 10, "the character U+0007 cannot be read"),
        ("operation: x\n? [a]: b", 2, 3, "a key is one word"),
        ("operation: x\n&: b", 2, 2, "the parser says: expected alphabetic or numeric character"),
    ],
)
def test_a_file_that_is_no_yaml_says_where_and_why(content, line, column, says):
    """File, line, column, and the parser's reason in plain words; in its own where there are none for it."""
    with pytest.raises(ProgrammeError) as refused:
        read("x.yaml", content)

    assert str(refused.value).startswith(f"x.yaml, line {line}, column {column}: is not YAML")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title:", "titel:", "line 7: indicators.0.titel: no such key; did you mean title?"),
        ("at-most:", "at-moost:", "employer.headcount.at-moost: no such key; did you mean at-most?"),
        ("{at-most: 49}", "{}", "name at least one of at-least"),
        ("until: 2021", "untill: 2021", "line 13: indicators.0.window.untill: no such key; did you mean until?"),
        ("counts: enterprises", "counts: enterprise", "there is no enterprise; did you mean enterprises?"),
        ("per: entity", "per: entitty", "line 12: indicators.0.per: there is no entitty; did you mean entity?"),
        ("id: own", "id: Our Own", "line 6: indicators.0.id: write it in small letters, digits and hyphens"),
        ("per: entity", "last: 12 moons", "line 12: indicators.0.last: write it like `12 months`"),
        ("source:", "sauce:", "sauce: no such key; did you mean source?"),
        ("targets:", "target:", "line 16: include.0.target: no such key; did you mean targets?"),
        ("set: esf-plus-2021", "set: esf-plus-21", "line 15: there is no set esf-plus-21; did you mean esf-plus-2021?"),
        ("eeco19: 40", "eco19: 40", "line 16: esf-plus-2021 has no indicator eco19; did you mean eeco19?"),
        ("[eeco18]", "[eecoo18]", "line 17: esf-plus-2021 has no indicator eecoo18; did you mean eeco18?"),
        ("eeco19: 40", "eeco18: 40", "line 16: eeco18 is left out under `without`"),
        ("id: own", "id: eeco19", "file, line 15: esf-plus-2021.yaml, line"),
    ],
)  # fmt: skip
def test_a_mistake_names_line_and_way_out(old, new, says):
    """File, line, place, and the nearest key, code, set or indicator there is."""
    assert old in FILE
    with pytest.raises(ProgrammeError) as error:
        read("file", FILE.replace(old, new, 1))
    assert says in str(error.value)


def test_a_set_is_included_whole():
    """Its indicators follow the file's own, with the targets given here and without those left out here."""
    programme = read("file", FILE).programme
    included = {one.id: one.target for one in programme.indicators[1:]}
    of_the_set = [one.id for one in read_set("esf-plus-2021").content.indicators]
    assert programme.indicators[0].id == "own"
    assert list(included) == [one for one in of_the_set if one != "eeco18"]
    assert included["eeco19"] == 40
    assert "include" not in programme.definition()


def test_what_is_wrong_in_a_set_names_both_files():
    """Where a word of a set is not known, the including file and the set are named with their lines."""
    file = read("forst.yaml", FILE)
    number = [one.id for one in file.programme.indicators].index("eeco19")
    error = file.error(("indicators", number, "moments", 0, "is"), "there is no moment")
    found = read_set("esf-plus-2021")
    at = [one.id for one in found.content.indicators].index("eeco19")
    line = found.lines.line(("indicators", at, "moments", 0, "is"))
    assert str(error) == f"forst.yaml, line 15: esf-plus-2021.yaml, line {line}: there is no moment"
    assert line > found.lines.line(("indicators", at))


@pytest.mark.parametrize("name", known_sets())
def test_every_set_can_be_included_alone(name):
    """A set needs nothing beside it."""
    head = FILE.partition("indicators:")[0]
    assert read("file", f"{head}include: [{{set: {name}}}]").programme.indicators


def test_a_ratio_of_what_was_left_out_is_refused():
    """An indicator that others divide by cannot be left out alone."""
    content = FILE.partition("include:")[0] + (
        "  - {id: half, title: {de: H, en: H}, counts: percent, ratio: {of: own, to: eeco18}}\n"
        "include: [{set: esf-plus-2021, without: [eeco18]}]"
    )
    with pytest.raises(ProgrammeError, match="line 14: the ratio half names eeco18"):
        read("file", content)


def indicator(**more) -> Indicator:
    """An indicator of one moment."""
    given = {"id": "row", "title": {"de": "Zeile", "en": "Row"}, "counts": "starts", "moments": [{"is": "job-lost"}]}
    return Indicator.model_validate(given | more)


@pytest.mark.parametrize(
    ("last", "as_of", "first"),
    [
        ("12 months", "2024-12-31", "2024-01-01"),
        ("12 months", "2025-02-28", "2024-03-01"),
        ("12 months", "2024-02-29", "2023-03-01"),
        ("1 year", "2024-06-15", "2023-06-16"),
        ("1 month", "2024-02-29", "2024-02-01"),
        ("3 months", "2024-05-31", "2024-03-01"),
    ],
)
def test_a_rolling_window_has_whole_months(last, as_of, first):
    """Up to the as-of day and that many months long, month ends included."""
    assert indicator(last=last).first_day(date.fromisoformat(as_of)) == date.fromisoformat(first)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 36))
def test_a_rolling_window_lasts_as_long_as_the_law_says(as_of, months):
    """The window is a period in the sense of BGB 188, but for days that its first month does not have."""
    first = indicator(last=f"{months} months").first_day(as_of)
    assert period_end(first, months) <= as_of
    assert (as_of - period_end(first, months)).days <= 3


def test_without_a_window_everything_counts():
    """Figures are cumulated from the first day there is."""
    assert indicator().first_day(date(2024, 1, 1)) == date.min


@pytest.mark.parametrize(
    ("ratio", "counts", "of", "to", "figure"),
    [
        ({}, Counts.PERCENT, 1, 8, 13),
        ({}, Counts.RATE, 1, 8, "0.13"),
        ({"times": 12}, Counts.PERCENT, 30, 1200, 30),
        ({"times": "0.5"}, Counts.RATE, 3, 2, "0.75"),
        ({}, Counts.RATE, 1, 0, None),
        ({}, Counts.PERCENT, 1, 0, None),
    ],
)
def test_a_ratio_is_rounded_half_up(ratio, counts, of, to, figure):
    """Percent to an integer, a rate to two decimals, multiplied first; nothing where there is nothing to divide by."""
    found = Ratio(of="a", to="b", **ratio).figure(Decimal(of), Decimal(to), counts)
    assert found == (None if figure is None else Decimal(figure))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"last": "12 months", "minus": [{"is": "job-ended"}]}, "`last` bounds a flow"),
        ({"minus": [{"is": "job-ended"}], "per": Per.START}, "leave `per` out"),
        ({"ratio": {"of": "a", "to": "b"}}, "either moments or a ratio"),
        ({"moments": [], "ratio": {"of": "a", "to": "b"}}, "counts percent or a rate"),
        ({"counts": "rate"}, "counts percent or a rate"),
    ],
)
def test_what_contradicts_itself_is_refused(more, says):
    """A stock has no rolling window and counts every moment; a ratio counts nothing itself."""
    with pytest.raises(ValueError, match=re.escape(says)):
        indicator(**more)
