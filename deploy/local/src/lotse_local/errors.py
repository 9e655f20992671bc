"""What can go wrong on one machine, said in one paragraph with the way out."""


class CannotRun(Exception):  # noqa: N818 - what the user reads
    """Something the machine lacks or refuses. The text says what, and what to do."""
