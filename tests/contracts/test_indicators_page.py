"""docs/indicators.md: a programme author needs nothing else."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from lotse_local.contracts.indicators import EXAMPLE
from lotse_local.contracts.readings import READINGS
from lotse_local.contracts.rules import rule
from lotse_reporting import editions
from lotse_reporting.vocabulary import ENTRY, MOMENTS
from lotse_shared.contracts.codes import Topic
from lotse_shared.programme import Indicator, known_sets, read, read_set

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "indicators.md").read_text("utf-8")
HEAD = "operation: example\nprogramme: example-2026\nperiod: {from: 2026-01-01, until: 2028-12-31}\nsource: us\n"


def test_the_worked_example_is_a_definition():
    """What the page shows can be applied as it stands, and the page shows it as it is."""
    assert EXAMPLE in PAGE
    file = read("example.yaml", HEAD + EXAMPLE)
    editions.check(file)
    assert len(file.programme.indicators) == 3


def test_every_moment_has_its_words_and_codes():
    """Each kind of moment has a section with all its words, each with its codes."""
    for kind in MOMENTS.values():
        section = PAGE.split(f"\n#### {kind.name}\n")[1].split("\n#### ")[0]
        assert set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) == set(kind.words)
        for word in kind.words.values():
            assert all(f"`{code}`" in section for code in word.codes)
    assert all(f"| `{name}` |" in PAGE for name in ENTRY)
    assert all(f"`{topic}`" in PAGE.split("\n#### visit-held\n")[1].split("\n#### ")[0] for topic in Topic)


def test_what_follows_from_several_facts_says_how():
    """A moment that is no fact of its own has its rule and the facts it follows from."""
    section = PAGE.split("\n#### position-first-filled\n")[1].split("\n#### ")[0]
    assert "who follows adds nothing" in section
    assert "Follows from `vacancy-filled`." in section


@pytest.mark.parametrize("name", known_sets())
def test_every_indicator_of_the_sets_has_its_rule(name):
    """Each indicator of a set stands there with both titles and its rule in words; a set has words that are known."""
    editions.check(read("example.yaml", f"{HEAD}include: [{{set: {name}}}]"))
    for one in read_set(name).content.indicators:
        section = PAGE.split(f"\n#### {one.id}\n")[1].split("\n#### ")[0]
        assert one.title.de in section
        assert all(line in section for line in rule(one))


def test_every_reading_that_is_named_is_settled():
    """Definitions and moments name readings by their numbers; each stands in the table once."""
    known = [one.id for one in READINGS]
    assert known == [f"Q-{number}" for number in range(1, len(known) + 1)]
    assert set(re.findall(r"Q-\d+", PAGE)) == set(known)


def test_rules_are_told_in_words():
    """Conditions, windows, quantities, stocks and limits read like sentences."""
    indicator = Indicator.model_validate(
        {
            "id": "row",
            "title": {"de": "Zeile", "en": "Row"},
            "counts": "hours",
            "moments": [
                {"is": "visit-held", "where": {"visit.family-present": True}, "quantity": "visit.minutes"},
                {"is": "visit-held", "where": {"visit.minutes": {"at-least": 15, "less-than": 90}}},
            ],
            "window": "always",
            "last": "12 months",
            "limit": 10,
        }
    )
    assert rule(indicator) == [
        "- Counts hours, every time, whenever it was, of the last 12 months up to the day of the report; at most 10.",
        "- Adds `visit-held` (its `visit.minutes`) where `visit.family-present` is `true`.",
        "- Adds `visit-held` where `visit.minutes` is at least 15 and less than 90.",
    ]


def test_schemas_for_editors_know_the_files():
    """What stands in the repository is valid for the schemas beside it, as people write it."""
    for folder in ("deploy/programmes", "shared/src/lotse_shared/indicator_sets"):
        schema = yaml.safe_load((ROOT / folder / "schema.json").read_text("utf-8"))
        for path in (ROOT / folder).glob("*.yaml"):
            Draft202012Validator(schema).validate(_as_written(path))


def _as_written(path: Path) -> object:
    """A file as an editor sees it: days and `yes` are words."""
    return yaml.load(path.read_text("utf-8"), Loader=_Words)  # noqa: S506 - words alone


class _Words(yaml.SafeLoader):
    """YAML 1.2, as editors read it."""


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith((":timestamp", ":bool"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
