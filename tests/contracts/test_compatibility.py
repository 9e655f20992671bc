"""Old readers read new facts, new readers read old ones; what would break that is found by name."""

import copy
import json
from datetime import UTC
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lotse_local.contracts.catalogue import catalogue
from lotse_local.contracts.compatibility import breaks
from lotse_local.contracts.releases import RELEASED, broken_promises, broken_schemas, release
from lotse_local.contracts.schemas import writer_schema
from lotse_shared.contracts import EVENTS

ROOT = Path(__file__).parents[2]
TODAY = {entry.event.type: writer_schema(entry) for entry in catalogue()}


def schema():
    """One with a nested part, a list, decimals, bounds, codes and optional fields."""
    return copy.deepcopy(TODAY["subsidy-approved.v1"])


def changed(change, kind="subsidy-approved.v1"):
    made = copy.deepcopy(TODAY[kind])
    change(made)
    return made


def test_nothing_that_was_released_is_broken():
    """Against every release ever made: schemas only grow, examples stay as they are."""
    assert list((ROOT / RELEASED).glob("*.json"))
    assert broken_promises(ROOT) == []


def phases(made):
    return made["$defs"]["SubsidyPhase"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda made: made["properties"].pop("placement"), "data.placement: removed"),
        (lambda made: made["required"].append("placement"), "data.placement: required now"),
        (lambda made: made["required"].remove("base"), "data.base: optional now"),
        (lambda made: made["properties"].update(instrument={"type": "string"}), "data.instrument: no longer takes"),
        (lambda made: made["$defs"]["Instrument"]["enum"].remove("lza"), "data.instrument: no longer takes lza"),
        (lambda made: made["properties"]["base"].update(type="number"), "data.base: type changed"),
        (lambda made: made["properties"]["base"].update(pattern="^[0-9]+$"), "data.base: pattern changed"),
        (lambda made: made["properties"]["starts_on"].update(format="date-time"), "data.starts_on: format changed"),
        (lambda made: made["properties"]["site"].update(maxLength=20), "data.site: maxLength changed"),
        (lambda made: made["properties"]["partner"].update(enum=["koba"]), "data.partner: takes only listed codes"),
        (lambda made: made["properties"]["phases"].update(minItems=1), "data.phases: minItems changed"),
        (lambda made: phases(made)["properties"]["months"].update(maximum=36), "months: maximum changed"),
        (lambda made: phases(made)["properties"]["months"].update(maximum=90), "months: maximum changed"),
        (lambda made: phases(made)["properties"]["months"].update(minimum=2), "months: minimum changed"),
        (lambda made: phases(made)["properties"].pop("percent"), "percent: removed"),
        (lambda made: made["properties"]["phases"].pop("items"), "data.phases: items changed"),
        (lambda made: made.update({"x-key": "subsidy"}), "x-key changed"),
        (lambda made: made.update({"x-owner": "coaching"}), "x-owner changed"),
    ],
)
def test_a_breaking_change_is_named(change, told):
    """A field removed, needed or no longer needed; a type, bound, pattern or list of codes narrowed or changed."""
    assert any(told in text for text in breaks(schema(), changed(change)))


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made["properties"].update(ends_on={"type": "string", "format": "date"}),
        lambda made: made["$defs"]["Instrument"]["enum"].append("16k"),
        lambda made: phases(made)["properties"].update(step={"type": "integer"}),
        lambda made: made.update(description="Said better."),
        lambda made: made.update({"x-readers": ["coaching", "reporting"]}),
    ],
)
def test_growth_is_no_break(change):
    """Optional fields, new codes, better words and more readers are what a version may gain."""
    assert breaks(schema(), changed(change)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda made: made["properties"]["of_which"].pop("propertyNames"), "propertyNames changed"),
        (
            lambda made: made["properties"]["of_which"]["additionalProperties"].update(minimum=1),
            "[additionalProperties]: minimum changed",
        ),
    ],
)
def test_the_inside_of_a_mapping_is_looked_at(change, told):
    """Keys and values of a mapping are held to the same rules."""
    kind = "gathering-held.v1"

    assert any(told in text for text in breaks(TODAY[kind], changed(change, kind)))


def test_an_event_that_was_released_never_goes():
    """Its facts are in journals, and a rebuild must read them."""
    left = {kind: one for kind, one in TODAY.items() if kind != "visit-held.v1"}

    assert list(broken_schemas(TODAY, left)) == [
        "visit-held.v1 is gone; its facts are still in journals, so its class stays"
    ]


def test_a_release_is_made_once_and_guards_its_examples(tmp_path):
    """A version is recorded once; from then on its examples neither change nor go."""
    folder = tmp_path / "shared/examples/visit-held/v1"
    folder.mkdir(parents=True)
    for name in ("kept", "edited", "lost"):
        (folder / f"{name}.json").write_text("{}", encoding="utf-8")
    path = release(tmp_path, "2026.11.0")
    assert broken_promises(tmp_path) == []

    (folder / "edited.json").write_text('{"better": true}', encoding="utf-8")
    (folder / "lost.json").unlink()
    (folder / "new.json").write_text("{}", encoding="utf-8")

    told = broken_promises(tmp_path)
    assert len(told) == 2
    assert "edited.json was changed" in told[0]
    assert "lost.json is gone" in told[1]
    with pytest.raises(FileExistsError):
        release(tmp_path, "2026.11.0")
    assert set(json.loads(path.read_text(encoding="utf-8"))["schemas"]) == set(EVENTS)


def test_a_released_schema_that_is_broken_is_told_with_its_release(tmp_path):
    """The message names release, event and field."""
    path = release(tmp_path, "2026.11.0")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["schemas"]["visit-held.v1"]["properties"]["mood"] = {"type": "integer"}
    path.write_text(json.dumps(content), encoding="utf-8")

    assert broken_promises(tmp_path) == ["2026.11.0: visit-held.v1: data.mood: removed"]


def released():
    """Every schema ever released, and today's."""
    found = {("today", kind): one for kind, one in TODAY.items()}
    for path in sorted((ROOT / RELEASED).glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found |= {(path.stem, kind): one for kind, one in content["schemas"].items()}
    return found


WRITERS = released()


def facts(one, definitions):
    """What a writer of a schema may write."""
    if "$ref" in one:
        return facts(definitions[one["$ref"].rsplit("/", 1)[1]], definitions)
    if "enum" in one:
        return st.sampled_from(one["enum"])
    write = {
        "object": lambda: objects(one, definitions),
        "array": lambda: st.lists(facts(one["items"], definitions), max_size=3),
        "integer": lambda: st.integers(one.get("minimum", -(2**31)), one.get("maximum", 2**31)),
        "boolean": st.booleans,
        "string": lambda: texts(one),
    }
    return write[one["type"]]()


def objects(one, definitions):
    if "properties" not in one:
        inside = one["additionalProperties"]
        if inside is True:
            return st.dictionaries(st.sampled_from(["a", "b"]), st.integers() | st.text(max_size=5), max_size=2)
        keys = facts(one["propertyNames"], definitions)
        return st.dictionaries(keys, facts(inside, definitions), max_size=2)
    fields = {name: facts(field, definitions) for name, field in one["properties"].items()}
    needed = set(one.get("required", ()))
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in needed},
        optional={name: field for name, field in fields.items() if name not in needed},
    )


def texts(one):
    match one.get("format"):
        case "date":
            return st.dates().map(str)
        case "date-time":
            return st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())
        case "decimal":
            return st.decimals(
                one.get("x-minimum", "-1000"), one.get("x-maximum", "100000"), places=2, allow_nan=False
            ).map(str)
    return matching(one["pattern"], one.get("maxLength", 100))


@cache
def matching(pattern, longest):
    """Texts of a pattern; built once, since taking a pattern apart is slow."""
    found = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    return found.filter(lambda text: len(text) <= longest)


def of_tomorrow(fact, one, definitions, codes):
    """The same fact from a newer writer: with fields not known here, and a code not known here in places `codes`."""
    if "$ref" in one:
        return of_tomorrow(fact, definitions[one["$ref"].rsplit("/", 1)[1]], definitions, codes)
    if "enum" in one and next(codes):
        return "code-of-tomorrow"
    if isinstance(fact, list):
        return [of_tomorrow(part, one["items"], definitions, codes) for part in fact]
    if isinstance(fact, dict) and "properties" in one:
        made = {name: of_tomorrow(value, one["properties"][name], definitions, codes) for name, value in fact.items()}
        return {**made, "field_of_tomorrow": {"deep": [1, None]}}
    return fact


@pytest.mark.parametrize("kind", sorted(EVENTS))
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_writer_writes_is_read(kind, data):
    """Facts of every released writer are read, also when a newer one added fields and codes: those read as unknown."""
    writers = [one for (_, named), one in WRITERS.items() if named == kind]
    one = data.draw(st.sampled_from(writers))
    definitions = one.get("$defs", {})
    fact = data.draw(facts(one, definitions))

    as_written = EVENTS[kind].from_bytes(json.dumps(fact))
    choices = iter(lambda: data.draw(st.booleans()), None)
    newer = of_tomorrow(fact, one, definitions, choices)
    as_read = EVENTS[kind].from_bytes(json.dumps(newer))

    assert as_written.subject == as_read.subject
    for name, value in newer.items():
        if value == "code-of-tomorrow":
            assert getattr(as_read, name) == "unknown"
