"""Advice to enterprises, the first one of each, and all support that makes one a supported enterprise."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from lotse_shared.contracts.codes import OrganisationKind, SizeClass
from lotse_shared.contracts.intake import EmployerTrained
from lotse_shared.contracts.matching import EmployerAdvised, EmployerRegistered, HiringIncentiveGranted
from lotse_shared.envelope import Code
from msgspec.structs import replace

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind, Word


class Advice(NamedTuple):
    """An advice with the size of the enterprise as at this advice, else as registered (Q-18)."""

    advice: Any
    headcount: int | None
    size: str
    in_area: Any
    subproject: str | None
    advised_on: date


class SupportKind(Code):
    """What an enterprise got (R-11): the hire of somebody is none of it, money for hiring somebody is."""

    ADVICE = "advice"
    TRAINING = "training"
    """Its people were trained, sensitised or informed."""
    HIRING_INCENTIVE = "hiring-incentive"
    UNKNOWN = "unknown"


_SUPPORT: Final[Mapping[str, tuple[SupportKind, str]]] = {
    EmployerAdvised.type: (SupportKind.ADVICE, "advised_on"),
    EmployerTrained.type: (SupportKind.TRAINING, "trained_on"),
    HiringIncentiveGranted.type: (SupportKind.HIRING_INCENTIVE, "granted_on"),
}
"""Facts that are support of the enterprise itself, and the field with their day."""


class Support(NamedTuple):
    """Support of an enterprise, with its size as at this support, else as registered (Q-18)."""

    support: SupportKind
    instrument: str | None
    organisation: str
    headcount: int | None
    size: str
    in_area: Any


def size_of(headcount: int | None, size: str | None) -> str:
    """The size class of an enterprise, by its heads where they are known: micro under 10, small 50, medium 250."""
    if headcount is None:
        return str(size or SizeClass.UNKNOWN)
    for limit, found in ((10, SizeClass.MICRO), (50, SizeClass.SMALL), (250, SizeClass.MEDIUM)):
        if headcount < limit:
            return str(found)
    return str(SizeClass.LARGE)


def _moments(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """Every advice and the first one, and every support of whatever kind, over all partners and merged records."""
    registered = next((one.body for one in told if one.type == EmployerRegistered.type), None)
    return [*_advices(told, registered), *_supports(told, registered)]


def _supports(told: Sequence[Told], registered: Any) -> list[Moment]:  # noqa: ANN401 - the fields of the fact
    """Each with the size at it: an indicator per entity counts the enterprise from the first that qualifies (R-14)."""
    moments = []
    for one in told:
        if one.type not in _SUPPORT:
            continue
        kind, day = _SUPPORT[one.type]
        body = one.body
        source = _sized(body, registered)
        support = Support(
            kind,
            getattr(body, "instrument", None),
            str(registered.organisation if registered else OrganisationKind.ENTERPRISE),
            source.headcount,
            size_of(source.headcount, source.size),
            body.in_area or (registered.in_area if registered else None),
        )
        on = getattr(body, day)
        moments.append(Moment("employer-supported", on, (one.place, 2), support, (one.id,), body.partner, None, one.id))
    return moments


def _sized(body: Any, registered: Any) -> Any:  # noqa: ANN401 - the fields of either fact
    """Whichever knows the size: the fact itself, else the registration."""
    unknown = body.headcount is None and str(body.size) == "unknown"
    return registered if unknown and registered is not None else body


def _advices(told: Sequence[Told], registered: Any) -> list[Moment]:  # noqa: ANN401 - the fields of the fact
    """Every advice, and the first one of an enterprise over all partners: it decides (MEHRLiN row 6)."""
    moments = []
    for one in told:
        if one.type != EmployerAdvised.type:
            continue
        body = one.body
        source = _sized(body, registered)
        advice = Advice(
            body.advice,
            source.headcount,
            size_of(source.headcount, source.size),
            body.in_area or (registered.in_area if registered else None),
            body.subproject,
            body.advised_on,
        )
        moments.append(
            Moment("employer-advised", body.advised_on, (one.place, 0), advice, (one.id,), body.partner, None, one.id)
        )
    if moments:
        first = min(moments, key=lambda one: (one.on, one.place))
        moments.append(replace(first, kind="employer-first-advised"))
    return moments


_SIZES: Final = TOLD["employer-advised"].words

ADVICES: Final = Thread(
    "employer",
    hears=(EmployerRegistered, EmployerAdvised, EmployerTrained, HiringIncentiveGranted),
    makes=(
        "employer-advised",
        MomentKind("employer-first-advised", "employer", USUAL_RANK, TOLD["employer-advised"].words),
        MomentKind(
            "employer-supported",
            "employer",
            USUAL_RANK,
            {
                "employer.support": Word("support", SupportKind, frozenset(map(str, SupportKind))),
                "employer.organisation": TOLD["employer-registered"].words["employer.organisation"],
                **{name: _SIZES[name] for name in ("employer.headcount", "employer.size", "employer.in-area")},
                "subsidy.instrument": TOLD["hiring-incentive-granted"].words["incentive.instrument"],
            },
        ),
    ),
    derive=_moments,
)
