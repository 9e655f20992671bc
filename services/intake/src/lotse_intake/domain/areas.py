"""The programme area of an operation: what its data sheet tells, beside the city's figures (BIWAQ)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.contracts.intake import AreaDescribed, AreaFigure
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Slug
from pydantic import Field

from lotse_intake.domain.case import not_in_future
from lotse_intake.domain.commands import STEERING, commands
from lotse_intake.domain.operation import OPERATION, Operation
from lotse_intake.domain.operations import must_be_approved


class DescribeArea(Command):
    """The data sheet of one programme area."""

    area: Slug
    described_on: date
    figures: Annotated[tuple[AreaFigure, ...], Field(min_length=1, max_length=50)]
    """Each with the year it is from; a figure without a value is `keine Angabe`."""


@commands.on(OPERATION, roles=STEERING)
def describe_area(operation: Operation, command: DescribeArea, now: Now) -> Sequence[Event]:
    """Record the data sheet of an area; a later one replaces it as a whole. Each figure stands in it once."""
    must_be_approved(operation)
    not_in_future(command.described_on, now, "described_on")
    told = Counter((one.kind, one.scope) for one in command.figures)
    twice = sorted(f"{kind} of the {scope}" for (kind, scope), times in told.items() if times > 1)
    if twice:
        raise Refused(f"{twice[0]} is told twice", field="figures", way_out="Leave one of them out.")
    return [
        AreaDescribed(
            operation=now.subject, area=command.area, described_on=command.described_on, figures=command.figures
        )
    ]
