"""Tests and the shared library say in words what holds."""

import pytest
from reading import undocumented_public, undocumented_tests


def test_every_test_states_its_rule(tests):
    """The docstring of a test is the specification."""
    assert {name: found for name, text in tests.items() if (found := undocumented_tests(text))} == {}


def test_everything_public_that_services_share_is_explained(product):
    """Whoever calls lotse_shared reads the docstring, not the code."""
    shared = {name: text for name, text in product.items() if name.startswith("shared/")}

    assert {name: found for name, text in shared.items() if (found := undocumented_public(text))} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_a(): ...", ["test_a"]),
        ("class TestA:\n  async def test_b(self): ...", ["test_b"]),
        ("def test_a():\n  'It holds.'", []),
        ("def make(): ...", []),
    ],
)
def test_a_silent_test_is_found(source, found):
    """In classes and coroutines too."""
    assert undocumented_tests(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def a(): ...", ["a"]),
        ("class A:\n  'Something.'\n  def b(self): ...", ["A.b"]),
        ("def _a(): ...", []),
        ("def a():\n  'Something.'\n  def b(): ...", []),
    ],
)
def test_a_silent_function_is_found(source, found):
    """Methods count; what stands inside a function or begins with an underscore does not."""
    assert undocumented_public(source) == found
