"""The pure side of a service: what it keeps about a subject, what it decides, what it answers to facts it hears.

A service declares its kinds of subjects, its commands and its handlers with the three classes here; all of them are
plain functions over frozen state, with time and ids passed in. The plumbing (lotse_shared.messaging) locks, loads,
stores and publishes; nothing in this module knows a database, Kafka or HTTP.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.envelope import Event, Slug

S = TypeVar("S", bound="State")

NETWORK: Final = "network"
"""The partner in whose name a role of the whole network acts when it names none."""

EVERYBODY: Final = "*"
"""In a row's partners: every partner of the network may see it. In a token: the whole network."""


class State(BaseModel):
    """What a service keeps about one subject. Every field has a default: the defaults are the state before any fact."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Command(BaseModel):
    """What somebody asks a service to do, in the imperative. Unknown fields are refused: they would be lost."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True, str_strip_whitespace=True
    )

    names_fact: ClassVar[str | None] = None
    """The field that names an earlier fact of this service about the subject (`retracts`, `supersedes`). The plumbing
    checks that it stands and hands it to the decision as the keyword `original`; None where the field is left out."""

    takes_along: ClassVar[bool] = False
    """With `names_fact`: the decision also gets `told_with`, what was told with that fact by id, and `touched`, the
    states of all subjects that the fact changed."""

    partner: Slug | None = None
    """On whose behalf; only roles of the whole network name it, everybody else acts for their own partner."""


class Refused(Exception):  # noqa: N818 - a decision, not a fault
    """A command that may not be carried out. Says why, which field it hangs on, and the way out; nothing is written."""

    def __init__(self, reason: str, *, field: str | None = None, way_out: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.way_out = way_out


class Known(Exception):  # noqa: N818 - an answer, not a fault
    """What a command would create is already there: the answer is the existing subject, and no fact."""

    def __init__(self, subject: str) -> None:
        super().__init__("already known")
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Now:
    """The moment and the person of a decision. `today` and `at` are the operation's clock, never the machine's."""

    subject: str
    today: date
    at: datetime
    operation: str
    partner: str
    """The partner on whose behalf something is done."""
    role: str
    new_id: Callable[[], str]
    owner: str = ""
    """The partner the subject belongs to; other partners may take part in it."""
    led_to: Mapping[str, Event] = field(default_factory=dict)
    """In an answer to fact-retracted: the service's own facts, by id, that answered the fact taken back and stand."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[S]):
    """One kind of subject as one service sees it.

    `evolve` takes the state and any fact about the subject, the service's own or one it `hears`, to the next state;
    a fact it does not care about leaves the state as it is. `deadlines` names what has to be looked at on which day;
    `partners` says who may see the subject (first the owner; EVERYBODY for all), from its state and its owner.
    """

    name: str
    state: type[S]
    evolve: Callable[[S, Event], S]
    hears: tuple[type[Event], ...] = ()
    deadlines: Callable[[S], Mapping[str, date]] = field(default=lambda _: {})
    partners: Callable[[S, str], Sequence[str]] = field(default=lambda _, owner: (owner,))

    @property
    def plural(self) -> str:
        """As it stands in addresses: `cases`, `vacancies`."""
        return f"{self.name[:-1]}ies" if self.name.endswith("cy") else f"{self.name}s"


Decision = Callable[..., Sequence[Event]]
Reach = Callable[[Any, Any], Mapping[str, str | None]]
"""`(state, command) -> name to id`, pure as a decision is."""
Onward = Callable[[Any], Mapping[str, str | None]]
"""`state of another subject -> name to id`."""


@dataclass(frozen=True, slots=True)
class CommandRule:
    """A command with all that is needed to run it: whose state, which body, who may, and the decision."""

    name: str
    kind: Kind[Any]
    body: type[Command]
    decide: Decision
    roles: frozenset[str]
    creates: bool
    also: Mapping[str, Kind[Any]]
    """Other subjects the decision looks at or tells facts about: field of the body to kind; None where absent. Only the
    `operation` need not be a field: it is then the one the subject belongs to, looked at and never told about."""
    reaches: "Reach | None" = None
    """Names those of `also` that stand in the subject's state instead of the body, such as the place a job fills.

    Names that are not in `also` are ids of subjects of the same kind, which are asked in turn: all cases of one person.
    """
    onward: Mapping[str, "Onward"] = field(default_factory=dict)
    """Names those of `also` that stand in the state of another one, such as the employer of an offer: field of the body
    to what that other names. It names only what the body left out."""

    def kind_of(self, name: str) -> Kind[Any]:
        """The kind of an other that the decision looks at."""
        return self.also.get(name, self.kind)

    @property
    def meaning(self) -> str:
        """What the command does, in one sentence."""
        return (self.decide.__doc__ or "").strip().split("\n")[0]


class Commands:
    """The commands and deadlines of one service."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.rules: dict[str, CommandRule] = {}
        self.due: dict[tuple[str, str], Callable[[Any, Now], Sequence[Event]]] = {}
        self.kinds: dict[str, Kind[Any]] = {}

    def on(
        self,
        kind: Kind[Any],
        *,
        roles: set[str],
        creates: bool = False,
        also: Mapping[str, Kind[Any]] | None = None,
        reaches: Reach | None = None,
        onward: Mapping[str, Onward] | None = None,
    ) -> Callable[[Decision], Decision]:
        """Declare a decision `(state, command, now, *, others...) -> facts`; its name is the command's name.

        The body's type is read from the annotation of the parameter `command`.
        """

        def declare(decide: Decision) -> Decision:
            name = decide.__name__.replace("_", "-")
            body = decide.__annotations__["command"]
            self.rules[name] = CommandRule(
                name, kind, body, decide, frozenset(roles), creates, also or {}, reaches, onward or {}
            )
            for one in (kind, *(also or {}).values()):
                self.kinds[one.name] = one
            return decide

        return declare

    def when_due(
        self, kind: Kind[S], deadline: str
    ) -> Callable[[Callable[[S, Now], Sequence[Event]]], Callable[[S, Now], Sequence[Event]]]:
        """Declare what is decided when a deadline of `kind.deadlines` has come: `(state, now) -> facts`."""

        def declare(decide: Callable[[S, Now], Sequence[Event]]) -> Callable[[S, Now], Sequence[Event]]:
            self.due[kind.name, deadline] = decide
            self.kinds[kind.name] = kind
            return decide

        return declare


Reaction = Callable[[Any, Any, Now], Sequence[Event]]


class Handlers:
    """What a service answers to facts of others: facts in, facts out."""

    def __init__(self) -> None:
        self.reactions: dict[str, list[tuple[Kind[Any], Reaction]]] = {}
        self.kinds: dict[str, Kind[Any]] = {}

    def on(self, event: type[Event], kind: Kind[Any]) -> Callable[[Reaction], Reaction]:
        """Declare a reaction `(state, fact, now) -> facts`; the state has already taken the fact in."""

        def declare(react: Reaction) -> Reaction:
            self.reactions.setdefault(event.type, []).append((kind, react))
            self.kinds[kind.name] = kind
            return react

        return declare

    def hears(self, *kinds: Kind[Any]) -> frozenset[str]:
        """The types this service takes in: those with a reaction and those some kind's state evolves with."""
        all_kinds = {**self.kinds, **{kind.name: kind for kind in kinds}}
        return frozenset(self.reactions) | {event.type for kind in all_kinds.values() for event in kind.hears}


def standing(facts: Sequence[tuple[str, Event]]) -> list[Event]:
    """The facts that hold, in order, of (id, fact) pairs in the order they were told or heard.

    A retracted fact is gone. A successor stands in the place of the fact it replaces; of several the later one holds,
    and retracting it revives the one before (design.md section 3). Works wherever a retraction stands in the order.
    """
    retracted = {fact.retracts for _, fact in facts if isinstance(fact, FactRetracted)}
    slots: dict[str, str] = {}
    holding: dict[str, Event] = {}
    for identity, fact in facts:
        if isinstance(fact, FactRetracted):
            continue
        slot = slots.get(fact.supersedes, fact.supersedes) if fact.supersedes else identity
        slots[identity] = slot
        if identity not in retracted:
            holding[slot] = fact
    return list(holding.values())
