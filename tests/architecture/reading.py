"""Looks into Python source without running it: what is said, what is asked of clock and chance, where one sleeps."""

import ast
from collections.abc import Iterator

LONGEST_PAUSE = 0.1
"""Seconds between two looks at a condition."""

_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
_RANDOM_IDS = {"uuid1", "uuid4", "uuid7"}


def clocks_and_random_ids(source: str) -> list[str]:
    """Every place that asks the machine for the time of day or a new id, called or handed on."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            of = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (of, node.attr) in _CLOCKS or node.attr in _RANDOM_IDS:
                found.append(f"line {node.lineno}: {of}.{node.attr}")
        elif isinstance(node, ast.Name) and node.id in _RANDOM_IDS:
            found.append(f"line {node.lineno}: {node.id}")
    return found


def sleeps_for_a_time(source: str) -> list[str]:
    """Every sleep that is no short pause between two looks at a condition."""
    return [f"line {line}" for line in _sleeps(ast.parse(source), in_loop=False)]


def _sleeps(node: ast.AST, *, in_loop: bool) -> Iterator[int]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and _name(child.func) == "sleep" and not (in_loop and _is_short(child)):
            yield child.lineno
        looping = isinstance(child, ast.While | ast.For | ast.AsyncFor)
        leaving = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _sleeps(child, in_loop=looping or (in_loop and not leaving))


def _is_short(call: ast.Call) -> bool:
    pause = call.args[0] if call.args else None
    return isinstance(pause, ast.Constant) and isinstance(pause.value, int | float) and pause.value <= LONGEST_PAUSE


def undocumented_tests(source: str) -> list[str]:
    """Tests that do not say which rule they hold."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]


def undocumented_public(source: str) -> list[str]:
    """Public functions, methods and classes without a docstring; what stands inside a function is private."""
    return list(_undocumented(ast.parse(source), ""))


def _undocumented(node: ast.Module | ast.ClassDef, within: str) -> Iterator[str]:
    for child in node.body:
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or child.name.startswith("_"):
            continue
        overload = any(_name(one) == "overload" for one in getattr(child, "decorator_list", ()))
        if not ast.get_docstring(child) and not overload:
            yield f"{within}{child.name}"
        if isinstance(child, ast.ClassDef):
            yield from _undocumented(child, f"{within}{child.name}.")


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
