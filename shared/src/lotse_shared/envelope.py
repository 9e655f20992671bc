"""Events and the envelope they travel in: CloudEvents 1.0, Kafka protocol binding, binary mode.

An `Event` is a fact as its publisher states it. An `Envelope` is that fact on its way: the attributes become Kafka
headers (so a reader can skip a type without reading the body) and the fact becomes the record's value. This module
knows pydantic and nothing of Kafka, databases or HTTP.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Self, cast
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, core_schema

SPECVERSION: Final = "1.0"
CONTENT_TYPE: Final = "application/json"
ANY_PUBLISHER: Final = "any"
OUTSIDE: Final = "jobcenter"
"""Owner of the facts that systems outside tell, through intake's gateway."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A short name in lower case, chosen by people: an operation, a partner, a site."""

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
"""A UUID in its canonical form. Ids of people's cases are random pseudonyms: nothing can be read from them."""


class Undecodable(ValueError):  # noqa: N818 - named by what is the matter with the record
    """A record that is no event of ours: says which attribute is wrong and why, never what it contained."""

    def __init__(self, attribute: str, reason: str) -> None:
        super().__init__(f"{attribute}: {reason}")
        self.attribute = attribute
        self.reason = reason


class Code(StrEnum):
    """A code list that may grow: a reader takes a code it does not know yet as `unknown`, a writer may not write one.

    Every list has a member `UNKNOWN`, so that yesterday's reader survives tomorrow's writer.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Self], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Wrap pydantic's own enum check; only reading (context `reading`) is lenient."""

        def read(
            value: object, check: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo
        ) -> object:
            if info.context and info.context.get("reading") and isinstance(value, str) and value not in set(cls):
                value = "unknown"
            return check(value)

        return core_schema.with_info_wrap_validator_function(read, handler(source))


class Event(BaseModel):
    """A fact, in the past tense, never edited afterwards.

    A concrete event is a class with a docstring, declared by its publisher (`source=`) about one kind of subject
    (`about=`): the field of that name holds the subject's id, which is the Kafka key. The type is derived from the
    class's name: `ParticipantEnrolled` is `participant-enrolled.v1`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        ser_json_inf_nan="strings",
    )

    source: ClassVar[str] = ""
    about: ClassVar[str] = ""
    type: ClassVar[str] = ""

    operation: Slug
    """The funded operation this belongs to."""
    supersedes: Id | None = None
    """The event this one replaces, if it corrects an earlier one."""

    def __init_subclass__(cls, source: str = "", about: str = "", version: int = 1, **config: object) -> None:
        """Register a concrete event under its type; a class without publisher or subject is only a base."""
        super().__init_subclass__(**config)  # type: ignore[arg-type] # pydantic checks its own settings
        cls.source = source or cls.source
        cls.about = about or cls.about
        if "__doc__" in cls.__dict__ and cls.source and cls.about and not cls.__name__.endswith(("Event", "Fact")):
            words = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
            cls.type = f"{words}.v{version}"
            if cls.type in EVENTS:
                raise TypeError(f"two events are called {cls.type}")
            EVENTS[cls.type] = cls

    @property
    def subject(self) -> str:
        """The id of what this fact is about: the Kafka key."""
        return cast("str", getattr(self, self.about))

    @property
    def acting_partner(self) -> str | None:
        """The partner that acted, where one did."""
        return cast("str | None", getattr(self, "partner", None))

    @classmethod
    def may_be_told_by(cls, source: str) -> bool:
        """Whether such a fact may come from this publisher. Facts from outside bear the name of their system."""
        return cls.source in (source, ANY_PUBLISHER, OUTSIDE)

    def to_bytes(self) -> bytes:
        """The fact as it travels: compact JSON without absent fields, in the order of the contract."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_bytes(cls, value: bytes | str) -> Self:
        """Read a fact, ignoring fields and codes that a newer writer may have added.

        Raises:
            Undecodable: names the first field that is wrong; never its content.
        """
        try:
            return cls.model_validate_json(value, extra="ignore", context={"reading": True})
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            raise Undecodable(".".join(("data", *map(str, first["loc"]))), first["msg"]) from None


EVENTS: Final[dict[str, type[Event]]] = {}
"""Every declared event, by its type: filled by importing lotse_shared.contracts."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a fact was told: what led to it, and the trace it belongs to."""

    correlation: str
    causation: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A fact with its CloudEvents attributes.

    `time` is when it was recorded (UTC); the dates that count are in the fact. `sequence` is the publisher's running
    number for this subject, counted from 1 under the subject's row lock. `value` is the fact exactly as it travels.
    `emptied`: of a fact whose person was erased, the hash (hexadecimal) of what it was; nothing else is left in it.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: int
    operation: str
    partner: str | None
    cause: Cause
    value: bytes
    emptied: str | None = None

    def event(self) -> Event:
        """The fact inside, read by the class that declares its type.

        Raises:
            Undecodable: the type is unknown, or the fact does not fit it or contradicts its own headers.
        """
        declared = EVENTS.get(self.type)
        if declared is None:
            raise Undecodable("type", "no such event is known here")
        if not declared.may_be_told_by(self.source):
            raise Undecodable("source", f"{self.type} is told by {declared.source} alone")
        event = declared.from_bytes(self.value)
        if event.subject != self.subject:
            raise Undecodable("subject", f"differs from data.{declared.about}")
        if event.operation != self.operation:
            raise Undecodable("operation", "differs from data.operation")
        return event


def seal(event: Event, *, id: str, source: str, time: datetime, sequence: int, cause: Cause) -> Envelope:  # noqa: A002 - CloudEvents calls it id
    """Put a fact into its envelope. Time and id are passed in, so that the same call gives the same bytes."""
    return Envelope(
        id=id,
        source=source,
        type=event.type,
        subject=event.subject,
        time=time,
        sequence=sequence,
        operation=event.operation,
        partner=event.acting_partner,
        cause=cause,
        value=event.to_bytes(),
    )


def to_headers(envelope: Envelope) -> list[tuple[str, bytes]]:
    """The Kafka headers of an envelope: binary mode, attributes with the prefix `ce_`."""
    attributes: dict[str, str | None] = {
        "specversion": SPECVERSION,
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time.isoformat().replace("+00:00", "Z"),
        "sequence": str(envelope.sequence),
        "operation": envelope.operation,
        "partner": envelope.partner,
        "correlationid": envelope.cause.correlation,
        "causationid": envelope.cause.causation,
        "traceparent": envelope.cause.traceparent,
        "emptied": envelope.emptied,
    }
    headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items() if text is not None]
    return [*headers, ("content-type", CONTENT_TYPE.encode())]


_REQUIRED: Final = ("id", "source", "type", "subject", "time", "sequence", "operation", "correlationid")
_LONGEST: Final = 200
_HASH: Final = re.compile(r"^[0-9a-f]{64}\Z")
LAST_SEQUENCE: Final = 2**31 - 1
"""More facts about one subject nobody tells; a greater number is a slip or an attack."""


def from_headers(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Envelope:
    """Read an envelope from a Kafka record in binary mode.

    Raises:
        Undecodable: an attribute is missing, not UTF-8, too long or malformed; the text names it, not its content.
    """
    attributes: dict[str, str] = {}
    for name, raw in headers:
        if not name.startswith("ce_"):
            continue
        try:
            attributes[name[3:]] = raw.decode()
        except (UnicodeDecodeError, AttributeError):
            raise Undecodable(name, "is not UTF-8 text") from None
    return _envelope(attributes, value)


def from_structured(document: bytes) -> Envelope:
    """Read an envelope from structured mode (`application/cloudevents+json`), as the HTTP gateway may be sent one.

    Raises:
        Undecodable: not a JSON object, or an attribute is missing or malformed.
    """
    try:
        content = json.loads(document)
    except ValueError:
        raise Undecodable("body", "is not JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("data"), dict):
        raise Undecodable("data", "must be a JSON object")
    attributes = {name: str(found) for name, found in content.items() if name != "data" and found is not None}
    return _envelope(attributes, json.dumps(content["data"], ensure_ascii=False, separators=(",", ":")).encode())


def to_structured(envelope: Envelope) -> bytes:
    """Write an envelope in structured mode."""
    attributes: dict[str, Any] = {name[3:]: raw.decode() for name, raw in to_headers(envelope) if name[:3] == "ce_"}
    return json.dumps(
        {**attributes, "datacontenttype": CONTENT_TYPE, "data": json.loads(envelope.value)}, ensure_ascii=False
    ).encode()


_TIME: Final = TypeAdapter(datetime)


def _envelope(attributes: Mapping[str, str], value: bytes | None) -> Envelope:
    _check_texts(attributes)
    if value is None:
        raise Undecodable("value", "is missing")
    try:
        time = _TIME.validate_python(attributes["time"])
        UUID(attributes["id"])
        sequence = int(attributes["sequence"])
    except ValueError:
        raise Undecodable("ce_time, ce_id or ce_sequence", "is not an instant, a UUID or a number") from None
    if time.tzinfo is None:
        raise Undecodable("ce_time", "has no time zone")
    if not is_storable(time):
        raise Undecodable("ce_time", "is no instant of our calendar")
    if not 1 <= sequence <= LAST_SEQUENCE:
        raise Undecodable("ce_sequence", f"is not between 1 and {LAST_SEQUENCE}")
    emptied = attributes.get("emptied")
    if emptied is not None and (value or not _HASH.match(emptied)):
        raise Undecodable("ce_emptied", "is no hash, or stands on a fact that has content")
    return Envelope(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes["subject"],
        time=time.astimezone(UTC),
        sequence=sequence,
        operation=attributes["operation"],
        partner=attributes.get("partner"),
        cause=Cause(attributes["correlationid"], attributes.get("causationid"), attributes.get("traceparent")),
        value=value,
        emptied=emptied,
    )


def _check_texts(attributes: Mapping[str, str]) -> None:
    for name in _REQUIRED:
        if not attributes.get(name):
            raise Undecodable(f"ce_{name}", "is missing")
    for name, text in attributes.items():
        if len(text) > _LONGEST:
            raise Undecodable(f"ce_{name}", f"is longer than {_LONGEST} characters")
        if "\0" in text:
            raise Undecodable(f"ce_{name}", "holds the character NUL, which is no text")
    if attributes.get("specversion", SPECVERSION) != SPECVERSION:
        raise Undecodable("ce_specversion", f"must be {SPECVERSION}")


def is_storable(time: datetime) -> bool:
    """Whether an instant can be written in UTC: offsets at both ends of the calendar lead out of it."""
    try:
        time.astimezone(UTC)
    except OverflowError:
        return False
    return True


def header(headers: Sequence[tuple[str, bytes]], name: str) -> str | None:
    """One header's text, or None where it is missing or no text. Cheap: used to skip a record unread."""
    for key, raw in headers:
        if key == name:
            try:
                found = raw.decode()
            except (UnicodeDecodeError, AttributeError):
                return None
            return None if "\0" in found else found
    return None
