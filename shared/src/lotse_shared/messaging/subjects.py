"""Subjects under lock: read, evolve, store, and write what was told about them into the outbox, in one transaction."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.deciding import Kind, standing
from lotse_shared.envelope import EVENTS, Cause, Envelope, Event, seal
from lotse_shared.erasing import ERASED
from lotse_shared.messaging import outbox
from lotse_shared.messaging.erasures import note_erased

_CHAIN: Final = 'strict $[*] ? (@[0] == "ce_correlationid" || @[0] == "ce_causationid")'
"""Of stored headers, which are pairs, those that the facts of one decision share."""


@dataclass(slots=True)
class Row:
    """One locked subject. `stored` is None for a subject that is new in this transaction."""

    id: str
    kind: Kind[Any]
    operation: str
    owner: str
    state: Any
    sequence: int
    stored: Any = None
    locked: bool = True
    """False for a subject that is only looked at: nothing may be told about it."""
    pending: list[tuple[str, Event]] = field(default_factory=list)
    """Facts of this transaction that changed the state, not yet in the database."""


def changes_the_past(fact: Event) -> bool:
    """Whether a fact takes back or replaces an earlier one, so that states have to be folded again."""
    return isinstance(fact, FactRetracted) or fact.supersedes is not None


class SubjectsTaken(Exception):  # noqa: N818 - what happened
    """Ids of new subjects are in use: another transaction was faster, or the caller cannot see whose they are."""

    def __init__(self, ids: Iterable[str]) -> None:
        super().__init__("ids of new subjects are in use")
        self.ids = frozenset(ids)


class Subjects:
    """The subjects of one transaction. Only this class writes subject, due and outbox rows."""

    def __init__(
        self, connection: AsyncConnection, service: str, kinds: Mapping[str, Kind[Any]], new_id: Callable[[], str]
    ) -> None:
        self._connection = connection
        self._service = service
        self._kinds = kinds
        self._new_id = new_id
        self._rows: dict[str, Row] = {}
        self._told: list[tuple[Envelope, Sequence[str]]] = []
        self._taken_back: set[str] = set()
        self._order: list[str] = []
        """Ids of the facts heard and told in this transaction, as they came."""

    async def lock(self, ids: Iterable[str]) -> None:
        """Lock and read those subjects that this connection may see, always in the order of their ids."""
        await self._read(_LOCK, ids)

    async def look_at(self, ids: Iterable[str]) -> None:
        """Read subjects that are only looked at: locking them would queue everybody."""
        await self._read(_LOOK_AT, ids)

    async def lock_within(self, operations: Iterable[str], ids: Iterable[str]) -> Mapping[str, datetime]:
        """Lock subjects, and look at these operations and those the subjects belong to, in one statement.

        Gives what time it is in those of the operations whose clock was moved.
        """
        found = await self._connection.execute(
            _LOCK_WITHIN, {"operations": sorted(set(operations)), "ids": sorted(set(ids))}
        )
        rows = found.all()
        self._take(rows)
        return {row.id: row.now for row in rows if row.now}

    async def _read(self, statement: TextClause, ids: Iterable[str]) -> None:
        wanted = sorted(set(ids) - self._rows.keys())
        if wanted:
            self._take(await self._connection.execute(statement, {"ids": wanted}))

    def _take(self, found: Iterable[Any]) -> None:
        for one in found:
            kind = self._kinds.get(one.kind)
            if kind is None:
                continue
            state = kind.state.model_validate_json(one.state)
            self._rows[one.id] = Row(
                one.id, kind, one.operation, one.partners[0], state, one.sequence, stored=state, locked=one.locked
            )

    def get(self, subject: str | None, kind: Kind[Any]) -> Row | None:
        """A locked subject, or None where there is none of this kind for this connection."""
        row = self._rows.get(subject or "")
        return row if row and row.kind.name == kind.name else None

    def by_id(self, subject: str) -> Row | None:
        """A locked subject of any kind."""
        return self._rows.get(subject)

    def start(self, subject: str, kind: Kind[Any], operation: str, owner: str) -> Row:
        """A subject nobody has heard of yet; stored with the first fact that changes it."""
        return Row(subject, kind, operation, owner, kind.state(), 0)

    def hear(self, row: Row, identity: str, fact: Event) -> None:
        """Take a fact of somebody else into a subject's state."""
        row.state = row.kind.evolve(row.state, fact)
        row.pending.append((identity, fact))
        self._rows[row.id] = row
        self._order.append(identity)

    def unhear(self, row: Row, before: Any) -> None:  # noqa: ANN401 - the state of any kind
        """Undo the last fact heard, because answering it failed."""
        row.state = before
        row.pending.pop()
        self._order.pop()
        if row.stored is None and not row.pending:
            del self._rows[row.id]

    def tell(self, rows: Sequence[Row], facts: Sequence[Event], cause: Cause, at: datetime) -> list[Envelope]:
        """Take facts of our own: every row evolves with every fact, and the facts are sealed for the outbox.

        A row that no fact is about and that none changed was only looked at.

        Raises:
            LookupError: a fact is about, or changes, a subject that is not among the locked rows: a fault of the
                decision.
        """
        counts = {row.id: row.sequence for row in rows}
        sealed = []
        for fact in facts:
            if fact.subject not in counts:
                raise LookupError(f"{fact.type} is about a subject that the command did not name")
            counts[fact.subject] += 1
            envelope = seal(
                fact,
                id=self._new_id(),
                source=self._service,
                time=at,
                sequence=counts[fact.subject],
                cause=cause,
            )
            sealed.append(envelope)
        self._take_told(rows, sealed, facts)
        return sealed

    def tell_again(self, rows: Sequence[Row], told: Sequence[Envelope]) -> list[Event]:
        """Take facts that were told before, as they were, with their ids and numbers: the database was restored."""
        facts = [one.event() for one in told]
        self._take_told(rows, told, facts)
        return facts

    def _take_told(self, rows: Sequence[Row], told: Sequence[Envelope], facts: Sequence[Event]) -> None:
        states = {row.id: row.state for row in rows}
        counts = {row.id: row.sequence for row in rows}
        for envelope, fact in zip(told, facts, strict=True):
            counts[fact.subject] = max(counts[fact.subject], envelope.sequence)
            for row in rows:
                states[row.id] = row.kind.evolve(states[row.id], fact)
        about = {fact.subject for fact in facts}
        if any(changes_the_past(fact) for fact in facts):
            about |= {row.id for row in rows if row.locked}  # whoever the earlier fact touched is folded again
        moved = [row for row in rows if row.id in about or states[row.id] != row.state]
        for row in moved:
            if not row.locked:
                raise LookupError(f"a decision changes the {row.kind.name} that it only looked at")
        for row in moved:
            row.state, row.sequence = states[row.id], counts[row.id]
            row.pending += [(envelope.id, fact) for envelope, fact in zip(told, facts, strict=True)]
            self._rows[row.id] = row
        touched = sorted(row.id for row in moved)
        self._told += [(envelope, touched) for envelope in told]
        self._order += [envelope.id for envelope in told]
        self._taken_back |= {fact.retracts for fact in facts if isinstance(fact, FactRetracted)}

    async def refold(self, row: Row) -> None:
        """Fold a subject's state again from every fact that still holds; needed when one was taken back or replaced."""
        found = await self._connection.execute(
            text("""
                select position, id::text as id, type, value from outbox where touched @> array[:id]
                union all
                select position, id::text as id, type, value from inbox where subject = :id
                order by position"""),
            {"id": row.id},
        )
        facts = [(one.id, EVENTS[one.type].from_bytes(one.value)) for one in found if one.type in EVENTS and one.value]
        state = row.kind.state()
        for fact in standing([*facts, *row.pending]):
            state = row.kind.evolve(state, fact)
        row.state = state

    async def refold_where_needed(self, rows: Sequence[Row], facts: Sequence[Event]) -> None:
        """Fold again if one of these facts takes back or replaces an earlier one."""
        if any(changes_the_past(fact) for fact in facts):
            for row in rows:
                if row.locked:
                    await self.refold(row)

    async def touched_by(self, identities: Sequence[str]) -> dict[str, list[str]]:
        """Which subjects own facts touched, by the facts' ids. To be locked before asking what still stands."""
        if not identities:
            return {}
        found = await self._connection.execute(
            text("select id::text as id, touched from outbox where id = any(cast(:ids as uuid[]))"),
            {"ids": list(identities)},
        )
        return {one.id: list(one.touched) for one in found}

    async def originals(self, identities: Sequence[str]) -> dict[str, Event]:
        """Own facts by id that still stand; certain once the subjects they touched are locked."""
        if not identities:
            return {}
        found = await self._connection.execute(
            text("""
                select o.id::text as id, o.type, o.value from outbox o
                where o.id = any(cast(:ids as uuid[])) and o.value <> '' and o.type <> :retraction
                and not exists (
                    select from outbox r where r.touched && o.touched and r.type = :retraction
                    and convert_from(nullif(r.value, ''), 'UTF8')::jsonb ->> 'retracts' = o.id::text)"""),
            {"ids": list(identities), "retraction": FactRetracted.type},
        )
        return {one.id: EVENTS[one.type].from_bytes(one.value) for one in found}

    def stands(self, identity: str) -> bool:
        """Whether this transaction has left a fact alone so far."""
        return identity not in self._taken_back

    async def told_with(self, identities: Sequence[str]) -> dict[str, dict[str, Event]]:
        """Per own fact the others of the same decision, by id: same correlation and cause, about the same subjects."""
        if not identities:
            return {}
        found = await self._connection.execute(
            text("""
                select o.id::text as original, s.id::text as id, s.type, s.value
                from outbox o join outbox s on s.touched && o.touched and s.id <> o.id
                and jsonb_path_query_array(s.headers, :chain) = jsonb_path_query_array(o.headers, :chain)
                and s.value <> ''
                where o.id = any(cast(:ids as uuid[])) order by s.position"""),
            {"ids": list(identities), "chain": _CHAIN},
        )
        together: dict[str, dict[str, Event]] = {identity: {} for identity in identities}
        for one in found:
            together[one.original][one.id] = EVENTS[one.type].from_bytes(one.value)
        return together

    async def led_to(self, row: Row, identity: str) -> dict[str, Event]:
        """The own facts about a subject, by id, that answered a fact heard earlier and still stand."""
        found = await self._connection.execute(
            text(
                "select id::text as id from outbox where subject = :id and touched @> array[:id] and headers @> :cause"
            ),
            {"id": row.id, "cause": json.dumps([["ce_causationid", identity]])},
        )
        led_to = await self.originals([one.id for one in found])
        led_to |= {
            one.id: one.event() for one, _ in self._told if one.subject == row.id and one.cause.causation == identity
        }
        return {one: fact for one, fact in led_to.items() if self.stands(one)}

    async def places(self) -> Mapping[str, int]:
        """Positions for what was heard and told, so that each answer stands right behind what it answers.

        Nothing where nothing was told: the order in which facts are noted is then the order they came in.
        """
        return await outbox.places(self._connection, self._order) if self._told else {}

    async def store(self, places: Mapping[str, int] | None = None) -> None:
        """Write all that changed: subjects, their deadlines, and the told facts in the order they were told.

        Raises:
            SubjectsTaken: the id of a new subject is in use.
        """
        rows = [self._rows[key] for key in sorted(self._rows) if self._rows[key].pending]
        if rows:
            await self._insert([row for row in rows if row.stored is None])
            await self._update([row for row in rows if row.stored is not None])
            await self._store_deadlines(rows)
            await note_erased(
                self._connection, {one.subject for row in rows for _, one in row.pending if one.type == ERASED}
            )
        await outbox.write(self._connection, self._told, places)

    async def fold_again(self, ids: Iterable[str]) -> None:
        """Fold locked subjects from the facts that are left, and store them: some of their facts were emptied."""
        rows = [row for row in map(self._rows.get, sorted(ids)) if row]
        for row in rows:
            await self.refold(row)
        await self._update(rows)
        if rows:
            await self._store_deadlines(rows)

    async def _insert(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        found = await self._connection.execute(
            _INSERT,
            {
                **_columns(rows),
                "kinds": [row.kind.name for row in rows],
                "operations": [row.operation for row in rows],
            },
        )
        taken = {row.id for row in rows} - {row.id for row in found}
        if taken:
            raise SubjectsTaken(taken)

    async def _update(self, rows: Sequence[Row]) -> None:
        if rows:
            await self._connection.execute(_UPDATE, _columns(rows))

    async def _store_deadlines(self, rows: Sequence[Row]) -> None:
        before = [row.id for row in rows if row.stored is not None and row.kind.deadlines(row.stored)]
        now = [(row, name, day) for row in rows for name, day in sorted(row.kind.deadlines(row.state).items())]
        if before or now:
            await self._connection.execute(
                _STORE_DEADLINES,
                {
                    "before": before,
                    "subjects": [row.id for row, _, _ in now],
                    "names": [name for _, name, _ in now],
                    "kinds": [row.kind.name for row, _, _ in now],
                    "operations": [row.operation for row, _, _ in now],
                    "days": [day for _, _, day in now],
                },
            )


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {
        "ids": [row.id for row in rows],
        "partners": [",".join(row.kind.partners(row.state, row.owner)) for row in rows],
        "states": [row.state.model_dump_json(exclude_defaults=True) for row in rows],
        "sequences": [row.sequence for row in rows],
    }


_LOCK: Final = text("""
    select id, kind, operation, partners, state::text as state, sequence, true as locked
    from subject where id = any(:ids) order by id for update""")

_LOOK_AT: Final = text("""
    select id, kind, operation, partners, state::text as state, sequence, false as locked
    from subject where id = any(:ids)""")

_LOCK_WITHIN: Final = text("""
    with locked as (
        select id, kind, operation, partners, state, sequence from subject where id = any(:ids) order by id for update
    ), around as (
        select id, kind, operation, partners, state, sequence from subject
        where id in (select unnest(cast(:operations as text[])) union select operation from locked)
        and id <> all(:ids)
    )
    select locked.id, kind, locked.operation, partners, state::text as state, sequence, true as locked, clock.now
    from locked left join clock on clock.operation = locked.id
    union all
    select around.id, kind, around.operation, partners, state::text, sequence, false, clock.now
    from around left join clock on clock.operation = around.id""")

_INSERT: Final = text("""
    insert into subject (id, kind, operation, partners, state, sequence)
    select id, kind, operation, string_to_array(partners, ','), state::jsonb, sequence
    from unnest(cast(:ids as text[]), cast(:kinds as text[]), cast(:operations as text[]),
                cast(:partners as text[]), cast(:states as text[]), cast(:sequences as bigint[]))
        as new (id, kind, operation, partners, state, sequence)
    on conflict (id) do nothing returning id""")

_UPDATE: Final = text("""
    update subject set partners = string_to_array(new.partners, ','), state = new.state::jsonb,
        sequence = new.sequence
    from unnest(cast(:ids as text[]), cast(:partners as text[]), cast(:states as text[]),
                cast(:sequences as bigint[])) as new (id, partners, state, sequence)
    where subject.id = new.id""")

_STORE_DEADLINES: Final = text("""
    with new as (
        select * from unnest(cast(:subjects as text[]), cast(:names as text[]), cast(:kinds as text[]),
                             cast(:operations as text[]), cast(:days as date[]))
            as new (subject, name, kind, operation, due_on)
    ), gone as (
        delete from due where subject = any(:before) and (subject, name) not in (select subject, name from new)
    )
    insert into due (subject, name, kind, operation, due_on) select * from new
    on conflict (subject, name) do update set due_on = excluded.due_on""")
"""One statement cannot delete and insert the same row: what stays is moved to its day."""
