"""How passwords are hashed where it matters; the other tests take a cheaper hash."""

from __future__ import annotations

import runpy

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from portal.security import passwords

REAL = runpy.run_path(passwords.__file__)


@pytest.mark.parametrize(
    "hashed", [REAL["hash_password"]("secret"), REAL["_NOBODY"]], ids=["a password", "nobody's"]
)
def test_a_hash_costs_what_the_standard_asks_for(hashed: str) -> None:
    assert extract_parameters(hashed) == RFC_9106_LOW_MEMORY


def test_the_right_password_fits_its_hash_and_no_other() -> None:
    hashed = REAL["hash_password"]("secret")
    assert REAL["verify_password"](hashed, "secret")
    assert not REAL["verify_password"](hashed, "Secret")


@pytest.mark.parametrize("without", [None, "", "no hash at all"])
def test_without_a_hash_no_password_fits(without: str | None) -> None:
    assert not REAL["verify_password"](without, "nobody has this password")
