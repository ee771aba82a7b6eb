"""A substitution of names and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.platforms.common.catalogue import BY_NAME
from portal.platforms.common.profile import filled_in, parts_of, template_problem
from tests.words import german


def result(text: str) -> str:
    return filled_in(parts_of(text), lambda name: f"<{name}>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("fest", "fest"),
        ("{make}", "<make>"),
        ("{make} {model}, {mileage} km", "<make> <model>, <mileage> km"),
        ("{make}{make}", "<make><make>"),
        ("100 % $HOME %(make)s", "100 % $HOME %(make)s"),
    ],
)
def test_names_are_replaced(text: str, expected: str) -> None:
    assert result(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{unknown}",
        "{make.__class__}",
        "{make[0]}",
        "{make!r}",
        "{make:>10}",
        "{0}",
        "{}",
        "{{make}}",
        "{make",
        "make}",
        "{make}}",
        "{MAKE}",
        "{ make }",
        "x" * 301,
    ],
)
def test_everything_else_in_braces_is_refused(text: str) -> None:
    told = german(template_problem(text))
    assert told.endswith(".") or "zum Beispiel" in told


def test_values_are_not_looked_at_again() -> None:
    assert filled_in(parts_of("{make}"), lambda _name: "{model}") == "{model}"


@given(st.text(max_size=80))
def test_no_text_is_ever_evaluated(text: str) -> None:
    if template_problem(text):
        return
    assert result(text).count("<") >= text.count("{")
    assert text.count("{") == sum(text.count(f"{{{name}}}") for name in BY_NAME)
