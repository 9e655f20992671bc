"""Reading records fast: headers by a cheap path, values with msgspec structs derived from the contracts.

The contracts (pydantic) stay the rule. Whatever the cheap path does not take at once is read by
`lotse_shared.envelope` and the contract itself, so both read the same and refuse the same.
"""

import enum
import hashlib
import re
import types
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import product
from operator import attrgetter
from typing import Annotated, Any, Final, Union, get_args, get_origin

import annotated_types
import msgspec
from lotse_shared.contracts import EVENTS
from lotse_shared.envelope import LAST_SEQUENCE, Code, Event, Undecodable, from_headers
from lotse_shared.messaging.inbox import digest
from lotse_shared.messaging.records import Record
from msgspec.structs import replace
from pydantic import BaseModel
from pydantic.fields import FieldInfo


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A record whose envelope is sound. `known` is its knowledge time in milliseconds.

    `body` is None for a type that is not known here: such a fact is kept and means nothing yet; and for an emptied
    fact, which means nothing any more. `fault` says why the
    fact does not fit its type or contradicts its own headers.
    """

    id: str
    source: str
    type: str
    subject: str
    operation: str
    time: datetime
    sequence: int
    partner: str | None
    correlation: str
    causation: str | None
    traceparent: str | None
    digest: bytes
    value: bytes
    partition: int
    offset: int
    known: int
    body: Any
    fault: Undecodable | None = None


_ID: Final = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_IN_UTC: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z\Z")
_WITHOUT_MICROSECONDS: Final = len("2026-01-01T00:00:00Z")
_LONGEST: Final = 200
_OTHERS: Final = 64
"""What an id, an instant, a content type and the rest take at least: one header has the others beside it."""
LAST_YEAR: Final = 9999


def _layouts() -> dict[tuple[str, ...], tuple[int, int, int, int]]:
    """The orders of headers that Lotse writes, and where correlation, partner, causation, traceparent stand in each.

    The first eight are always there. What is absent stands at -1, where a reader finds None.
    """
    first = ("specversion", "id", "source", "type", "subject", "time", "sequence", "operation")
    found = {}
    for there in product((True, False), repeat=3):
        optional = dict(zip(("partner", "causationid", "traceparent"), there, strict=True))
        names = [*first, "partner", "correlationid", "causationid", "traceparent"]
        names = [name for name in names if optional.get(name, True)]
        places = [
            names.index(name) if name in names else -1
            for name in ("correlationid", "partner", "causationid", "traceparent")
        ]
        found[(*(f"ce_{name}" for name in names), "content-type")] = tuple(places)
    return found  # type: ignore[return-value] # four places each


_LAYOUTS: Final = _layouts()


def read(record: Record, known: int) -> Heard:
    """Read a record: its envelope, and the fact in it.

    Raises:
        Undecodable: the envelope is none of ours; names the attribute, never its content.
    """
    value = record.value
    try:
        names, raw = zip(*record.headers, strict=False)  # pairs all of them
        at, partner, causation, traceparent = _LAYOUTS[names]
        joined = b"\n".join(raw).decode()
        parts: list[Any] = joined.split("\n")
        version, identity, source, kind, subject, written, number, operation = parts[:8]
        sequence = int(number)
        time = datetime.fromisoformat(written)
        usual = (
            value is not None
            and len(parts) == len(raw)
            and version == "1.0"
            and time.tzinfo is not None
            and 1 <= sequence <= LAST_SEQUENCE
            and 1 < time.year < LAST_YEAR
            and (len(joined) <= _LONGEST + _OTHERS or max(map(len, raw)) <= _LONGEST)
            and "\0" not in joined
            and _ID.match(identity)
            and source
            and kind
            and subject
            and operation
            and parts[at]
        )
    except (KeyError, ValueError, AttributeError, TypeError):
        usual = None
    if not usual or value is None:
        return _read_unusual(record, known)
    parts.append(None)
    body, fault = _fact(kind, source, value, subject, operation)
    if _IN_UTC.match(written) and (len(written) == _WITHOUT_MICROSECONDS) == (not time.microsecond):
        at_utc = raw[5][:-1] + b"+00:00"  # as `isoformat` writes it, which takes longer
    else:
        at_utc = time.astimezone(UTC).isoformat().encode()
    return Heard(
        identity,
        source,
        kind,
        subject,
        operation,
        time,
        sequence,
        parts[partner],
        parts[at],
        parts[causation],
        parts[traceparent],
        hashlib.sha256(b"\n".join((raw[3], raw[4], at_utc, value))).digest(),
        value,
        record.partition,
        record.offset,
        known,
        body,
        fault,
    )


def look_ahead(record: Record) -> Record:
    """A record with what it says: its append time is nearly always its knowledge time.

    What cannot be read stays as it is, whatever the reason: it is read, and refused, in its turn. An error kept until
    then would keep all that it was raised from.
    """
    try:
        ahead = read(record, record.appended)
    except Exception:  # noqa: BLE001 - a part of a batch that raised here would be lost from its place
        return record
    return Record(record.partition, record.offset, record.appended, record.key, record.headers, record.value, ahead)


def read_at(record: Record, known: int) -> Heard:
    """What a record says that became known at this moment, as was seen by looking ahead, or read now.

    Raises:
        Undecodable: as `read`.
    """
    ahead = record.ahead
    if not isinstance(ahead, Heard):
        return read(record, known)
    return ahead if ahead.known == known else replace(ahead, known=known)


def _read_unusual(record: Record, known: int) -> Heard:
    """By the rule itself: refuses with its reasons, or reads what the cheap path does not know."""
    envelope = from_headers(record.headers, record.value)
    says: tuple[Any, Undecodable | None] = (None, None)
    if envelope.emptied is None:
        says = _fact(envelope.type, envelope.source, envelope.value, envelope.subject, envelope.operation)
    return Heard(
        _canonical(envelope.id),
        envelope.source,
        envelope.type,
        envelope.subject,
        envelope.operation,
        envelope.time,
        envelope.sequence,
        envelope.partner,
        envelope.cause.correlation,
        envelope.cause.causation,
        envelope.cause.traceparent,
        digest(envelope),
        envelope.value,
        record.partition,
        record.offset,
        known,
        *says,
    )


def _fact(kind: str, source: str, value: bytes, subject: str, operation: str) -> tuple[Any, Undecodable | None]:
    usual = _told().get((kind, source))
    if usual is not None:
        decode, subject_of = usual
        try:
            body = decode(value)
            if subject_of(body) == subject and body.operation == operation:
                return body, None
        except (msgspec.MsgspecError, ValueError):
            pass  # by the rule itself, which says why
    declared = EVENTS.get(kind)
    if declared is not None and not declared.may_be_told_by(source):
        return None, Undecodable("source", f"{kind} is told by {declared.source} alone")
    try:
        return body_of(kind, value, subject, operation), None
    except Undecodable as error:
        return None, error


@cache
def _told() -> dict[tuple[str, str], tuple[Callable[[bytes], Any], Callable[[Any], str]]]:
    """How a fact is read, by its type and the publisher that the contract names."""
    return {(kind, event.source): (decode, subject_of) for kind, (decode, subject_of, event) in _readers().items()}


def _canonical(identity: str) -> str:
    from uuid import UUID  # noqa: PLC0415 - only for ids that are not written as usual

    return str(UUID(identity))


def body_of(kind: str, value: bytes, subject: str, operation: str) -> Any:  # noqa: ANN401 - a struct of any event
    """The fields of a fact, or None for a type that is not known here.

    Raises:
        Undecodable: the fact does not fit its type, or contradicts its own headers.
    """
    known = _readers().get(kind)
    if known is None:
        return None
    decode, subject_of, event = known
    try:
        body = decode(value)
    except (msgspec.MsgspecError, ValueError):
        content = event.from_bytes(value).model_dump(mode="json", exclude_none=True)
        try:
            body = msgspec.convert(content, struct_of(event))
        except (msgspec.MsgspecError, ValueError):
            raise Undecodable("data", "holds a number or text that is not kept here") from None
    if subject_of(body) != subject:
        raise Undecodable("subject", f"differs from data.{event.about}")
    if body.operation != operation:
        raise Undecodable("operation", "differs from data.operation")
    return body


@cache
def _readers() -> dict[str, tuple[Callable[[bytes], Any], Callable[[Any], str], type[Event]]]:
    return {kind: (_decoder(event), attrgetter(event.about), event) for kind, event in EVENTS.items()}


def _decoder(event: type[Event]) -> Callable[[bytes], Any]:
    """What reads the fields of a fact.

    Patterns are half of the work when msgspec looks at each, and nearly always the same few ids and names come again:
    so those of the fact's own fields are looked at here, where what was seen to match is known.
    """
    decode = msgspec.json.Decoder(struct_of(event, patterns=False)).decode
    named: dict[str, list[str]] = {}
    for name, info in event.model_fields.items():
        if info.annotation is str:
            for pattern in filter(None, map(_pattern_of, info.metadata)):
                named.setdefault(pattern, []).append(name)
    tests = [_matching(pattern, names) for pattern, names in named.items()]

    def read(value: bytes) -> Any:  # noqa: ANN401 - a struct of this event
        body = decode(value)
        for test in tests:
            test(body)
        return body

    return read


_KNOWN_TEXTS: Final = 100_000
"""How many texts of a pattern are known at most: ten megabytes."""
_MATCHED: Final[dict[str, set[str]]] = {}


def _matching(pattern: str, names: Sequence[str]) -> Callable[[Any], None]:
    """What looks whether these fields match a pattern, and raises ValueError where one does not."""
    matches, known = re.compile(pattern).fullmatch, _MATCHED.setdefault(pattern, set())
    texts_of = attrgetter(*names, names[0])  # several, so of a single field too it gives a tuple

    def test(body: Any) -> None:  # noqa: ANN401 - a struct of any event
        texts = texts_of(body)
        if known.issuperset(texts):
            return
        if not all(map(matches, texts)):
            raise ValueError(names)
        if len(known) >= _KNOWN_TEXTS:
            known.clear()
        known.update(texts)

    return test


def _pattern_of(bound: Any) -> str | None:  # noqa: ANN401 - pydantic keeps bounds of many kinds
    return getattr(bound, "pattern", None)


@cache
def struct_of(model: type[BaseModel], *, patterns: bool = True) -> type[msgspec.Struct]:
    """The struct of a contract: the same fields, types and bounds; codes not known yet read as `unknown`.

    Without `patterns` the texts that it always has may be written in any way: see `_decoder`.
    """
    fields = [_field(name, info, patterns=patterns) for name, info in model.model_fields.items()]
    return msgspec.defstruct(model.__name__, fields, kw_only=True, frozen=True, gc=False)


def _field(name: str, info: FieldInfo, *, patterns: bool) -> Any:  # noqa: ANN401 - a tuple of two or three
    bounds = [one for one in info.metadata if patterns or info.annotation is not str or not _pattern_of(one)]
    annotation = _type(Annotated[info.annotation, *bounds] if bounds else info.annotation)
    if info.is_required():
        return name, annotation
    if info.default_factory is not None:
        return name, annotation, msgspec.field(default_factory=info.default_factory)  # type: ignore[arg-type] # without arguments
    return name, annotation, info.default


def _type(annotation: Any) -> Any:  # noqa: ANN401, PLR0911 - types in, types out
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return Union[tuple(_type(one) for one in arguments)]  # noqa: UP007 - built at run time
    if origin is Annotated:
        return _bounded(_type(arguments[0]), arguments[1:])
    if origin is tuple:
        return tuple[_type(arguments[0]), ...]  # type: ignore[misc] # built at run time
    if origin is dict:
        return dict[_type(arguments[0]), _type(arguments[1])]  # type: ignore[misc] # built at run time
    if isinstance(annotation, type) and issubclass(annotation, Code):
        return _readable(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_of(annotation)
    return annotation


def _bounded(inner: Any, metadata: tuple[Any, ...]) -> Any:  # noqa: ANN401 - the same
    """Bounds that msgspec checks itself. Decimals keep theirs to the writer: here they are read, not decided about."""
    bounds: dict[str, Any] = {}
    pending = list(metadata)
    while pending:
        one = pending.pop(0)
        if isinstance(one, FieldInfo):
            pending[:0] = one.metadata
        elif isinstance(one, annotated_types.Ge):
            bounds["ge"] = one.ge
        elif isinstance(one, annotated_types.Le):
            bounds["le"] = one.le
        elif isinstance(one, annotated_types.MaxLen):
            bounds["max_length"] = one.max_length
        elif isinstance(one, annotated_types.MinLen):
            bounds["min_length"] = one.min_length
        elif pattern := _pattern_of(one):
            bounds["pattern"] = pattern
    return Annotated[inner, msgspec.Meta(**bounds)] if bounds and inner in (str, int) else inner


@cache
def _readable(codes: type[Code]) -> type[enum.StrEnum]:
    """A code list as a reader sees it: what it does not know is `unknown`, as lotse_shared.envelope.Code reads it."""
    return _Readable(codes.__name__, {one.name: one.value for one in codes})  # type: ignore[call-arg,return-value] # the functional form


class _Readable(enum.StrEnum):
    @classmethod
    def _missing_(cls, _: object) -> "_Readable | None":
        return cls.__members__.get("UNKNOWN")
