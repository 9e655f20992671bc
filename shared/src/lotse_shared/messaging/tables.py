"""Table factories: every service has its own tables of these shapes, in its own schema. No table is shared."""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

INSTANT = DateTime(timezone=True)


def _next_position(metadata: MetaData) -> TextClause:
    return text(f"nextval('{metadata.schema}.fact_position')")


def outbox_table(metadata: MetaData) -> Table:
    """Facts to be sent, as the bytes they will be sent as. Rows stay: Kafka can be written anew from them.

    `position` is in commit order per subject, because a row is written while its subject's row is locked. `sent_at`,
    `partition`, `kafka_offset` and `appended` (broker's milliseconds) are noted by the relay. `touched`: every subject
    whose state the fact changed; one running number orders facts told and facts heard, so that a state can be folded
    again from both.
    """
    table = Table(
        "outbox",
        metadata,
        Column("position", BigInteger, primary_key=True, server_default=_next_position(metadata)),
        Column("id", Uuid(as_uuid=False), nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("touched", ARRAY(Text), nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("recorded_at", INSTANT, nullable=False),
        Column("partition", Integer),
        Column("kafka_offset", BigInteger),
        Column("appended", BigInteger),
        Column("sent_at", INSTANT),
    )
    Index("outbox_unsent", table.c.position, postgresql_where=table.c.sent_at.is_(None))
    Index("outbox_touched", table.c.touched, postgresql_using="gin")
    return table


def inbox_table(metadata: MetaData) -> Table:
    """Facts taken in, once each: (source, id) with the SHA-256 over type, subject, time and value as received."""
    table = Table(
        "inbox",
        metadata,
        Column("source", Text, nullable=False),
        Column("id", Uuid(as_uuid=False), nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("position", BigInteger, nullable=False, server_default=_next_position(metadata)),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("heard_at", INSTANT, nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("source", "id"),
    )
    Index("inbox_id", table.c.id)
    Index("inbox_subject", table.c.subject, table.c.position)
    return table


def position_table(metadata: MetaData) -> Table:
    """How far each partition was read; the row decides, Kafka's committed offset is a hint.

    `known` is the running maximum of the append times read so far (milliseconds). A topic made anew has another id.
    """
    return Table(
        "position",
        metadata,
        Column("topic_id", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("next_offset", BigInteger, nullable=False),
        Column("known", BigInteger, nullable=False, server_default=text("0")),
        PrimaryKeyConstraint("topic_id", "partition"),
    )


def dead_letter_table(metadata: MetaData) -> Table:
    """Records that could not be taken in, whole, for a human.

    `kind`: undecodable, conflict (known id, other content), failed (a handler raised), waiting (a good record behind
    a failed one of its subject). `state`: open, retried, discarded. A subject with an open failed record is parked.
    """
    table = Table(
        "dead_letter",
        metadata,
        Column("number", BigInteger, Identity(always=True), primary_key=True),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False, server_default=text("'open'")),
        Column("topic_id", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("kafka_offset", BigInteger, nullable=False),
        Column("appended", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("headers", JSONB, nullable=False),
        Column("value", LargeBinary),
        Column("source", Text),
        Column("id", Text),
        Column("type", Text),
        Column("subject", Text),
        Column("operation", Text),
        Column("reason", Text, nullable=False),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("noted_at", INSTANT, nullable=False, server_default=func.now()),
        Column("settled_at", INSTANT),
        Column("settled_by", Text),
        Column("settled_why", Text),
        UniqueConstraint("topic_id", "partition", "kafka_offset"),
    )
    Index("dead_letter_open", table.c.subject, table.c.number, postgresql_where=table.c.state == "open")
    return table


def subject_table(metadata: MetaData) -> Table:
    """What a service keeps about each subject; the row is locked while its facts are written.

    `sequence` counts the service's own facts about it. `partners`: who may see it, enforced by row-level security.
    """
    return Table(
        "subject",
        metadata,
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("operation", Text, nullable=False),
        Column("partners", ARRAY(Text), nullable=False),
        Column("state", JSONB, nullable=False),
        Column("sequence", BigInteger, nullable=False, server_default=text("0")),
    )


def command_table(metadata: MetaData) -> Table:
    """Idempotency keys with the answers given, kept as long as the subject: the same key gives the same answer."""
    table = Table(
        "command",
        metadata,
        Column("partner", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("subject", Text, nullable=False),
        Column("answer", JSON, nullable=False),
        PrimaryKeyConstraint("partner", "key"),
    )
    Index("command_subject", table.c.subject)
    return table


def due_table(metadata: MetaData) -> Table:
    """Deadlines: on which day what has to be decided about which subject."""
    table = Table(
        "due",
        metadata,
        Column("subject", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("operation", Text, nullable=False),
        Column("due_on", Date, nullable=False),
        PrimaryKeyConstraint("subject", "name"),
    )
    Index("due_operation", table.c.operation, table.c.due_on)
    return table


def clock_table(metadata: MetaData) -> Table:
    """The operations whose time is not the real one: a local play moves it, only forwards."""
    return Table(
        "clock",
        metadata,
        Column("operation", Text, primary_key=True),
        Column("now", INSTANT, nullable=False),
    )


def erasure_table(metadata: MetaData) -> Table:
    """People who were erased. `done`: nothing of what is kept about them here has any content left."""
    table = Table(
        "erasure",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("done", Boolean, nullable=False, server_default=text("false")),
    )
    Index("erasure_open", table.c.subject, postgresql_where=~table.c.done)
    return table


class Tables:
    """The plumbing's tables of one service."""

    def __init__(self, schema: str) -> None:
        self.metadata = MetaData(schema=schema)
        self.outbox = outbox_table(self.metadata)
        self.inbox = inbox_table(self.metadata)
        self.position = position_table(self.metadata)
        self.dead_letter = dead_letter_table(self.metadata)
        self.subject = subject_table(self.metadata)
        self.command = command_table(self.metadata)
        self.due = due_table(self.metadata)
        self.clock = clock_table(self.metadata)
        self.erasure = erasure_table(self.metadata)
