"""What keeps a file from being read as YAML: the place, and the parser's reason in plain words."""

from typing import Final

import yaml

_NO_ALIAS: Final = "an alias"
_REASONS: Final = (
    (_NO_ALIAS, "`*name` refers to another place: write out what stands there"),
    ("mapping values are not allowed", ("a colon cannot stand here: put text with a colon in quotation marks, "
     "or begin the key in the same column as the keys beside it")),
    ("expected ':'", "a key without a colon: write it like `key: value`"),
    ("'\\t' that cannot start", "a tab: indent with blanks"),
    ("that cannot start any token", "no text can begin with this character: put it in quotation marks"),
    ("found unexpected end of stream", "the quotation mark that opens here is never closed"),
    ("unknown escape character", "a backslash in double quotation marks: write it twice, or use single ones"),
    ("expected ',' or ']'", "a comma or the `]` of the list that begins in line {began} is missing before this place"),
    ("expected ',' or '}'", "a comma or the `}}` of what begins in line {began} is missing before this place"),
    ("but found '<scalar>'", "text after the closing quotation mark: put what holds such a mark in the other kind"),
    ("expected <block end>", "this does not belong to what begins in line {began}: begin it in the same column"),
    ("expected '<document start>'", "this does not belong to what stands before: begin both in the same column"),
    ("another document", "a second document: a file is one, without `---` in it"),
    ("could not determine a constructor", "`!` begins the name of a type, and there are none: put text in quotes"),
    ("unhashable key", "a key is one word, no list"),
)  # fmt: skip
"""What the parser says, and what that means. The first that fits is taken."""


def no_alias(mark: yaml.Mark) -> yaml.YAMLError:
    """That a file refers to another place in itself, which these files may not."""
    return yaml.composer.ComposerError(None, None, _NO_ALIAS, mark)


def syntax_error(text: str, error: yaml.YAMLError) -> tuple[int, int, str]:
    """Line and column (both from 1) where reading ended, and why."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        reason = f"the character U+{error.character:04X} cannot be read: delete it"
        return before.count("\n") + 1, len(before) - before.rfind("\n"), reason
    said = str(getattr(error, "problem", None) or error)
    mark, began = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    first = began.line + 1 if began else 1
    known = next((reason.format(began=first) for sign, reason in _REASONS if sign in said), None)
    if "unexpected end of stream" in said:
        mark = began  # where it opens says more than the end of the file
    line, column = (mark.line, mark.column) if mark else (0, 0)
    return line + 1, column + 1, known or f"the parser says: {said}"
