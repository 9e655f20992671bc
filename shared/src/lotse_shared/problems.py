"""Errors as callers see them: RFC 9457 problem details that name the field and the way out, never the input."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from pydantic import ValidationError

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `kind` is a short name that programs may rely on; `detail` and `way_out` are for people."""

    status: int
    kind: str
    title: str
    detail: str
    way_out: str
    field: str | None = None

    def content(self) -> dict[str, Any]:
        """As JSON."""
        found: dict[str, Any] = {
            "type": f"urn:lotse:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "way_out": self.way_out,
        }
        return {**found, "field": self.field} if self.field else found


NOT_FOUND: Final = Problem(
    404,
    "not-found",
    "Not found",
    "There is nothing here by that name for you.",
    "Check the id, and who you signed in as.",
)
"""The same, byte for byte, whether a thing does not exist or belongs to another partner."""

UNAUTHENTICATED: Final = Problem(
    401,
    "unauthenticated",
    "Not signed in",
    "The bearer token is missing, expired or not of this platform.",
    "Get a token, for a local platform with `lotse token`, and send it as `Authorization: Bearer ...`.",
)


_ID: Final = re.compile(r"[0-9A-Za-z-]{1,60}", re.ASCII)


def is_id(name: str | None) -> TypeGuard[str]:
    """Whether something may be the id of a subject at all; what may not is as unknown as what does not exist."""
    return bool(name and _ID.fullmatch(name))


def forbidden(what: str, roles: Sequence[str]) -> Problem:
    """Somebody is known, but their role may not do this."""
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        f"Your role may not {what}.",
        f"Ask somebody who may: {', '.join(sorted(roles))}.",
    )


def invalid(error: ValidationError, prefix: Sequence[str] = ()) -> Problem:
    """What pydantic found: the first field that is wrong, and what is right for it; never what was sent."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(map(str, (*prefix, *first["loc"]))) or "body"
    unknown = first["type"] == "extra_forbidden"
    return Problem(
        422,
        "invalid",
        "Invalid input",
        f"{field}: {'no such field' if unknown else first['msg']}",
        "Leave the field out or check its spelling." if unknown else "Correct the field and send it again.",
        field,
    )


KEY_REUSED: Final = Problem(
    409,
    "key-reused",
    "Key used for something else",
    "This idempotency key was sent before with another command or body.",
    "Send the same content with the same key, or a new key.",
    "Idempotency-Key",
)
NO_OPERATION: Final = Problem(
    404,
    "not-found",
    "Not found",
    "There is no such operation for you.",
    "Check the field operation; a new operation is heard of within a second of its approval.",
    "operation",
)
ID_TAKEN: Final = Problem(409, "id-taken", "Id in use", "This id is in use.", "Choose another id.", "id")


def no_such(name: str) -> Problem:
    """A command names another subject that its caller cannot see."""
    return Problem(404, "not-found", "Not found", f"There is no such {name} for you.", "Check the id.", name)


def no_fact(name: str) -> Problem:
    """A command names an earlier fact that does not stand, or not of its subject."""
    return Problem(
        409,
        "no-such-fact",
        "No such fact",
        "This names no standing fact that this service told about this subject.",
        "Name the id of a fact from an earlier answer that was not taken back yet.",
        name,
    )
