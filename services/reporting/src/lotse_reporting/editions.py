"""Editions: which definitions are in force from when on, and what they compile to."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import rfc8785
from lotse_shared.programme import Programme, ProgrammeFile
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting import case
from lotse_reporting.conditions import Misdefined
from lotse_reporting.indicators import Rules, compile_rules
from lotse_reporting.store import Build


def digest(definition: Mapping[str, Any]) -> str:
    """SHA-256 of the RFC 8785 form of a definition, in hexadecimal: the same file has the same digest."""
    return hashlib.sha256(rfc8785.dumps(dict(definition))).hexdigest()


def name(definition_digest: str, case_function: int) -> str:
    """The short name of an edition: which file, which case function."""
    return f"{definition_digest[:12]}-{case_function}"


def check(file: ProgrammeFile) -> None:
    """Make sure that every word of a programme file is known here.

    Raises:
        ProgrammeError: names the line and the nearest valid word.
    """
    try:
        compile_rules(file.programme.indicators, file.programme.period)
    except Misdefined as error:
        raise file.error(error.place, str(error)) from None


@lru_cache(maxsize=64)
def _rules(definition: bytes) -> Rules:
    programme = Programme.model_validate_json(definition)
    return compile_rules(programme.indicators, programme.period)


def rules_of(definition: Mapping[str, Any]) -> Rules:
    """The compiled indicators of a definition."""
    return _rules(msgspec.json.encode(definition, order="sorted"))


def check_definition(definition: Mapping[str, Any]) -> None:
    """Make sure that a definition heard can be kept and compiled here.

    Raises:
        ValueError: it is no programme, or uses words that are not known here.
    """
    if "\\u0000" in msgspec.json.encode(definition).decode():
        raise ValueError("the character NUL is no text")
    rules_of(definition)


async def begin(connection: AsyncConnection, operation: str, definition: Mapping[str, Any], known: int) -> None:
    """A programme file came into force: the edition before ends here, and the new one waits to be computed."""
    found = digest(definition)
    latest = await connection.execute(
        text("""
            select digest, case_function from build
            where operation = :operation and state <> 'retired' and known_until is null and replaces is null
            for update"""),
        {"operation": operation},
    )
    row = latest.first()
    if row is not None and (row.digest, row.case_function) == (found, case.CASE_FUNCTION):
        return
    await connection.execute(
        text("""
            update build set known_until = :known
            where operation = :operation and state <> 'retired' and known_until is null"""),
        {"operation": operation, "known": known},
    )
    await _insert(connection, operation, definition, known, None)


async def go_on(
    connection: AsyncConnection,
    number: int,
    operation: str,
    definition: Mapping[str, Any],
    since: int,
    until: int | None,
) -> None:
    """An edition goes on by this case function: the build of another one ends here, and a new one begins."""
    await connection.execute(
        text("update build set known_until = :since where number = :number"), {"number": number, "since": since}
    )
    await _insert(connection, operation, definition, since, until)


async def _insert(
    connection: AsyncConnection, operation: str, definition: Mapping[str, Any], since: int, until: int | None
) -> None:
    found = digest(definition)
    await connection.execute(
        text("""
            insert into build (operation, edition, definition, digest, case_function, known_from, known_until, state)
            values (:operation, :edition, cast(:definition as jsonb), :digest, :case_function, :since, :until,
                    'building')"""),
        {
            "operation": operation,
            "edition": name(found, case.CASE_FUNCTION),
            "definition": msgspec.json.encode(definition).decode(),
            "digest": found,
            "case_function": case.CASE_FUNCTION,
            "since": since,
            "until": until,
        },
    )


async def posted_to(connection: AsyncConnection, operations: Iterable[str]) -> dict[str, list[Build]]:
    """The builds of these operations that facts are posted to. Their cursors stand still until this transaction ends.

    Those of another case function ended at the first moment that was not final: no fact to come belongs to them.

    To be called when the units are locked: a builder moves its cursor after it has locked its units.
    """
    found = await connection.execute(
        text("""
            select number, operation, definition, known_until, state, cursor, closed_up_to from build
            where operation = any(:operations) and state <> 'retired' and case_function = :case_function
            order by number for share"""),
        {"operations": sorted(set(operations)), "case_function": case.CASE_FUNCTION},
    )
    builds: dict[str, list[Build]] = {}
    for row in found:
        builds.setdefault(row.operation, []).append(
            Build(
                row.number,
                row.operation,
                rules_of(row.definition),
                row.known_until,
                building=row.state == "building",
                cursor=row.cursor,
                closed_up_to=row.closed_up_to,
            )
        )
    return builds


async def retire(connection: AsyncConnection, number: int) -> None:
    """A build is no longer in use: its entries may be deleted."""
    await connection.execute(text("update build set state = 'retired' where number = :number"), {"number": number})
