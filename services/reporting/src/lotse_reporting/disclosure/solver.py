"""The solver of linear and mixed-integer programs, as it is used here: on one thread, saying nothing."""

import highspy


class Program(highspy.Highs):
    """A program to be solved. The same program has the same solution, whatever else the machine does."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # has no types
        self.setOptionValue("threads", 1)

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS calls it while it is made
        """Nobody wants to be called back; and output is off before the first other call, which prints a banner."""
        self.silent()
