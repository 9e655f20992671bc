"""Running commands: check, lock, decide, store, answer. One command and a thousand go the same way."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from time import perf_counter
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared import metrics
from lotse_shared.calendar import berlin_day
from lotse_shared.database import to_be_repeated, transaction
from lotse_shared.deciding import EVERYBODY, NETWORK, Command, CommandRule, Commands, Kind, Known, Now, Refused
from lotse_shared.envelope import Cause, Event
from lotse_shared.messaging.subjects import Row, Subjects, SubjectsTaken
from lotse_shared.problems import (
    ID_TAKEN,
    KEY_REUSED,
    NO_OPERATION,
    NOT_FOUND,
    Problem,
    forbidden,
    invalid,
    is_id,
    no_fact,
    no_such,
)
from lotse_shared.security import Caller

OPERATION: Final = "operation"
"""The kind every other subject belongs to."""

Prepare = Callable[[AsyncConnection, str, Command], Awaitable[Command]]
"""What a decision is given besides states: `(connection, subject id, body) -> body for the decision`.

Reads and never writes; may raise Refused.
"""

Keep = Callable[[AsyncConnection, str, Command], Awaitable[None]]
"""What is kept with the facts, in the same transaction: personal data in the vault, a number in its register.

`(connection, subject id, body as it was sent)`, once the decision is made and before its facts are told. May raise
Known when the subject is already there under another id; it has then written nothing.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One command as somebody sent it. The key makes it safe to send again."""

    command: str
    subject: str | None
    body: Mapping[str, Any] | Command
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: `{"subject", "facts": [{"id", "type", "subject"}]}`, or a problem."""

    status: int
    content: Mapping[str, Any]

    @classmethod
    def of(cls, problem: Problem) -> "Answer":
        """A problem as an answer."""
        return cls(problem.status, problem.content())


@dataclass(slots=True)
class _Item:
    request: Request
    rule: CommandRule
    body: Command
    subject: str
    digest: bytes
    also: dict[str, str | None]
    names: str | None
    """The earlier fact it names."""
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up before any decision: facts that commands name, what was told with them, ids in use."""

    touched: Mapping[str, Sequence[str]]
    originals: Mapping[str, Event]
    along: Mapping[str, Mapping[str, Event]]
    taken: frozenset[str]

    def standing(self, identity: str | None, subjects: Subjects) -> tuple[Event | None, Sequence[Row]]:
        """A fact that a command names, and all it touched; none where it does not stand or touched what is hidden."""
        rows = [subjects.by_id(key) for key in self.touched.get(identity or "", ())]
        seen = [row for row in rows if row]
        if not identity or identity not in self.originals or len(seen) < len(rows) or not subjects.stands(identity):
            return None, ()
        return self.originals[identity], seen


class _LookAgain(Exception):  # noqa: N818 - a reason to start over, not a fault
    """Another request was faster: it took the same key, or changed what this one found before it held the locks."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Runs the commands of one service. Time and ids come from outside."""

    commands: Commands
    kinds: Mapping[str, Kind[Any]]
    engine: AsyncEngine
    real_time: Callable[[], datetime]
    new_id: Callable[[], str]
    prepare: Mapping[str, Prepare] = field(default_factory=dict)
    keep: Mapping[str, Keep] = field(default_factory=dict)
    secret: bytes = field(default=b"", repr=False)
    """Keys the digests of bodies, so that nobody can find out by trying what somebody's name was."""

    async def run(self, caller: Caller, requests: Sequence[Request], cause: Cause) -> list[Answer]:
        """Answer every request, in order, in one transaction; a refused one changes nothing and stops no other."""
        started = perf_counter()
        taken: frozenset[str] = frozenset()
        while True:
            try:
                async with transaction(self.engine, caller.partner) as connection:
                    answers = await self._run(connection, caller, requests, cause, taken)
                break
            except _LookAgain:
                continue  # the other one has committed by now; what it left is read in the next round
            except SubjectsTaken as error:
                taken |= error.ids  # seen in the next round, unless it belongs to somebody else
            except DBAPIError as error:
                if not to_be_repeated(error):
                    raise
        for request, answer in zip(requests, answers, strict=True):
            name = request.command if request.command in self.commands.rules else "unknown"
            metrics.COMMANDS.labels(command=name, result=str(answer.status)).inc()
            metrics.COMMAND_SECONDS.labels(command=name).observe((perf_counter() - started) / len(requests))
        return answers

    async def _run(
        self,
        connection: AsyncConnection,
        caller: Caller,
        requests: Sequence[Request],
        cause: Cause,
        taken: frozenset[str],
    ) -> list[Answer]:
        items = [self._read(caller, request) for request in requests]
        good = [item for item in items if isinstance(item, _Item)]
        earlier = await self._earlier(connection, caller, good)
        fresh: list[_Item] = []
        first_of: dict[str, _Item] = {}
        for item in good:
            key = item.request.key
            if key in earlier:
                item.answer = _repeated(item, *earlier[key])
            elif key is not None and key in first_of:
                continue
            else:
                if key is not None:
                    first_of[key] = item
                fresh.append(item)
        if fresh:
            await self._decide_all(connection, caller, fresh, cause, taken)
            refused = [item for item in fresh if item.answer and item.answer.status != 200]  # noqa: PLR2004 - HTTP's OK
            if await self._earlier(connection, caller, refused):
                raise _LookAgain  # refused because its twin had succeeded by the time the locks were ours
        for item in good:
            if item.answer is None:
                twin = first_of[item.request.key or ""]
                item.answer = _repeated(item, twin.digest, twin.answer.content if twin.answer else {}, twin.answer)
        await self._remember(connection, caller, fresh)
        return [item.answer or Answer.of(NOT_FOUND) if isinstance(item, _Item) else item for item in items]

    def _read(self, caller: Caller, request: Request) -> _Item | Answer:
        rule = self.commands.rules.get(request.command)
        if rule is None:
            return Answer.of(NOT_FOUND)
        if caller.role not in rule.roles:
            return Answer.of(forbidden(request.command, sorted(rule.roles)))
        try:
            body = request.body if isinstance(request.body, Command) else rule.body.model_validate(request.body)
        except ValidationError as error:
            return Answer.of(invalid(error))
        if body.partner and caller.partner not in (EVERYBODY, body.partner):
            return Answer.of(NOT_FOUND)
        subject = request.subject
        if rule.creates:
            subject = str(getattr(body, "id", None) or self.new_id())
        if not is_id(subject):
            return Answer.of(NOT_FOUND)
        also = {name: getattr(body, name, None) for name in rule.also}
        names = getattr(body, body.names_fact) if body.names_fact else None
        return _Item(request, rule, body, subject, self._digest(request, body), also, names)

    def _digest(self, request: Request, body: Command) -> bytes:
        """What tells two requests apart that bear the same key."""
        content = f"{request.command}\n{request.subject or ''}\n{body.model_dump_json(exclude_unset=True)}"
        return hashlib.blake2b(content.encode(), digest_size=32, key=self.secret).digest()

    async def _earlier(
        self, connection: AsyncConnection, caller: Caller, items: Sequence[_Item]
    ) -> dict[str | None, tuple[bytes, Mapping[str, Any]]]:
        keys = [item.request.key for item in items if item.request.key is not None]
        if not keys:
            return {}
        found = await connection.execute(
            _EARLIER,
            {"partner": caller.partner, "keys": keys},
        )
        return {row.key: (row.digest, json.loads(row.answer)) for row in found}

    async def _decide_all(
        self,
        connection: AsyncConnection,
        caller: Caller,
        items: Sequence[_Item],
        cause: Cause,
        taken: frozenset[str],
    ) -> None:
        subjects = Subjects(connection, self.commands.service, self.kinds, self.new_id)
        named = [item.names for item in items if item.names]
        touched = await subjects.touched_by(named)
        along = await subjects.told_with([item.names for item in items if item.names and item.body.takes_along])
        others = [(item.rule.also[name], one) for item in items for name, one in item.also.items() if one]
        others += await self._reached(connection, items)
        locked = {*(item.subject for item in items), *chain.from_iterable(touched.values())}
        locked |= {one for kind, one in others if kind.name != OPERATION}
        operations = {one for kind, one in others if kind.name == OPERATION}
        operations |= {str(getattr(item.body, "operation", "")) for item in items if item.rule.creates}
        times = await subjects.lock_within(operations, locked)
        known = _Known(touched, await subjects.originals(named), along, taken)
        for item in items:
            try:
                _reach(item, subjects, locked)
                own_cause = replace(cause, correlation=self.new_id())  # each command of a bulk begins its own chain
                item.answer = await self._decide(connection, subjects, caller, item, known, times, own_cause)
            except Refused as refusal:
                item.answer = Answer.of(
                    Problem(409, "refused", "Refused", refusal.reason, refusal.way_out, refusal.field)
                )
            except Known as already:
                item.answer = Answer(200, {"subject": already.subject, "facts": []})
        await subjects.store()

    async def _reached(self, connection: AsyncConnection, items: Sequence[_Item]) -> list[tuple[Kind[Any], str]]:
        """Others that the subjects' states name, read without a lock so that all can then be locked in one order."""
        reaching = [item for item in items if item.rule.reaches or item.rule.onward]
        seen = Subjects(connection, self.commands.service, self.kinds, self.new_id)
        found: set[tuple[str, str]] = set()
        asked = {item.subject for item in reaching}
        asked |= {one for item in reaching for name in item.rule.onward if (one := item.also[name])}
        looked_at: set[str] = set()
        while asked - looked_at:
            await seen.look_at(asked - looked_at)
            looked_at |= asked
            for item in reaching:
                named = {name: one for name, one in _named_by_state(item, seen).items() if one is not None}
                found |= {(item.rule.kind_of(name).name, one) for name, one in named.items()}
                asked |= {one for name, one in named.items() if name not in item.rule.also}
        return [(self.kinds[kind], one) for kind, one in sorted(found)]

    async def _decide(
        self,
        connection: AsyncConnection,
        subjects: Subjects,
        caller: Caller,
        item: _Item,
        earlier: _Known,
        times: Mapping[str, datetime],
        cause: Cause,
    ) -> Answer:
        rule, body = item.rule, item.body
        row = _row(subjects, caller, item, earlier.taken)
        if isinstance(row, Problem):
            return Answer.of(row)
        partner = body.partner or (caller.partner if caller.partner != EVERYBODY else row.owner)
        operation_row = subjects.by_id(row.operation)
        if rule.kind.name != OPERATION and (operation_row is None or operation_row.kind.name != OPERATION):
            return Answer.of(NO_OPERATION if rule.creates else NOT_FOUND)
        others: dict[str, Row | None] = {
            name: subjects.get(one, rule.kind_of(name)) if one else operation_row if name == OPERATION else None
            for name, one in item.also.items()
        }
        for name, other in others.items():
            if item.also[name] and (other is None or other.operation != row.operation):
                return Answer.of(no_such(name))
        at = times.get(row.operation, self.real_time())
        now = Now(
            subject=row.id,
            today=berlin_day(at),
            at=at,
            operation=row.operation,
            partner=NETWORK if partner == EVERYBODY else partner,
            role=caller.role,
            new_id=self.new_id,
            owner=row.owner,
        )
        if rule.name in self.prepare:
            body = await self.prepare[rule.name](connection, row.id, body)
        known: dict[str, Any] = {name: one.state if one else None for name, one in others.items()}
        rows = [row, *(one for one in others.values() if one)]
        if body.names_fact:
            original, touched = earlier.standing(item.names, subjects)
            if item.names and row not in touched:
                return Answer.of(no_fact(body.names_fact))
            known["original"] = original
            if body.takes_along:
                known["told_with"] = earlier.along.get(item.names or "", {})
                known["touched"] = {one.id: one.state for one in touched}
            rows += [one for one in touched if one not in rows]
        facts = rule.decide(row.state, body, now, **known)
        if rule.name in self.keep:
            await self.keep[rule.name](connection, row.id, item.body)
        told = subjects.tell(rows, facts, cause, self.real_time())
        await subjects.refold_where_needed(rows, facts)
        return Answer(
            200,
            {
                "subject": row.id,
                "facts": [{"id": one.id, "type": one.type, "subject": one.subject} for one in told],
            },
        )

    async def _remember(self, connection: AsyncConnection, caller: Caller, items: Sequence[_Item]) -> None:
        kept = sorted(
            (item for item in items if item.request.key and item.answer and item.answer.status == 200),  # noqa: PLR2004 - HTTP's OK
            key=lambda item: item.request.key or "",
        )
        if not kept:
            return
        try:
            await connection.execute(
                _REMEMBER,
                {
                    "partner": caller.partner,
                    "keys": [item.request.key for item in kept],
                    "digests": [item.digest for item in kept],
                    "subjects": [str(item.answer.content["subject"]) for item in kept if item.answer],
                    "answers": [json.dumps(item.answer.content) for item in kept if item.answer],
                },
            )
        except IntegrityError:
            raise _LookAgain from None


_EARLIER: Final = text(
    "select key, digest, answer::text as answer from command where partner = :partner and key = any(:keys)"
)
_REMEMBER: Final = text("""
    insert into command (partner, key, digest, subject, answer)
    select :partner, key, digest, subject, answer::json
    from unnest(cast(:keys as text[]), cast(:digests as bytea[]), cast(:subjects as text[]),
                cast(:answers as text[])) as new (key, digest, subject, answer)""")


def _named_by_state(item: _Item, subjects: Subjects) -> Mapping[str, str | None]:
    """Others that the subject's state names; those of its own kind that it names by their ids are asked in turn.

    And those that others name that the body names, where the body leaves them out.
    """
    named: dict[str, str | None] = {}
    asked = [item.subject]
    for subject in asked:  # grows on the way
        row = subjects.get(subject, item.rule.kind)
        if row is None or item.rule.reaches is None:
            continue
        for name, one in item.rule.reaches(row.state, item.body).items():
            if one != item.subject and name not in named:
                named[name] = one
                asked += [name] if name not in item.rule.also else []
    for name, onward in item.rule.onward.items():
        row = subjects.get(item.also[name], item.rule.kind_of(name))
        named |= {other: one for other, one in (onward(row.state) if row else {}).items() if item.also[other] is None}
    return named


def _reach(item: _Item, subjects: Subjects, locked: set[str]) -> None:
    """Name the others by the state that is now locked.

    Raises:
        _LookAgain: the state names others than it did before it was locked.
    """
    named = _named_by_state(item, subjects)
    if any(one and one not in locked for one in named.values()):
        raise _LookAgain
    item.also = {**item.also, **named}


def _row(subjects: Subjects, caller: Caller, item: _Item, taken: frozenset[str]) -> Row | Problem:
    """The subject of a command: the locked one, or a new one where the command creates."""
    kind, body = item.rule.kind, item.body
    row = subjects.get(item.subject, kind)
    if row is not None:
        return row
    if not item.rule.creates:
        return NOT_FOUND
    if item.subject in taken or subjects.by_id(item.subject):
        return ID_TAKEN
    operation = item.subject if kind.name == OPERATION else str(getattr(body, "operation", ""))
    owner = body.partner or (NETWORK if caller.partner == EVERYBODY else caller.partner)
    return subjects.start(item.subject, kind, operation, owner)


def _repeated(item: _Item, digest: bytes, content: Mapping[str, Any], answer: Answer | None = None) -> Answer:
    if digest != item.digest:
        return Answer.of(KEY_REUSED)
    return answer or Answer(200, content)
