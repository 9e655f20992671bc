"""Writing a play down: the acts of people and organisations, each as one step of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lotse_local.play.steps import Plan, Service, Step, Subject, Who


@dataclass(slots=True)
class Diary:
    """Collects the steps of one operation. Names are given by whoever writes; each is used once."""

    operation: str
    seed: int
    steps: dict[str, Step] = field(default_factory=dict)

    def write(
        self,
        name: str,
        day: date,
        who: Who,
        service: Service,
        command: str,
        about: str | None,
        body: Mapping[str, Any],
        *,
        twice: bool = False,
    ) -> str:
        """Note one step about the subject that the step `about` created; gives its name.

        Raises:
            ValueError: the name is taken, or the subject is named before it exists.
        """
        if name in self.steps:
            raise ValueError(f"two steps are called {name}")
        if about is None:
            body = {"operation": self.operation, **body}
        elif about not in self.steps and about != self.operation:
            raise ValueError(f"{name} is about {about}, which is not there yet")
        subject = about if about in (None, self.operation) else Subject(about)
        self.steps[name] = Step(name, day, who, service, command, subject, body, twice)
        return name

    def plan(self, first_day: date, last_day: date, *, every: int) -> Plan:
        """Everything in order of the days; on one day in the order in which it was written."""
        steps = sorted(self.steps.values(), key=lambda step: step.day)
        late = next((step.name for step in steps if not first_day <= step.day <= last_day), None)
        if late:
            raise ValueError(f"{late} is entered outside of the play's days")
        return Plan(self.operation, self.seed, first_day, last_day, tuple(steps), every)
