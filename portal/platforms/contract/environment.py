"""What a platform needs from the environment: declared in its folder, read by config.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BASE_URL = "api_url"
"""The key under which every API platform declares its base URL; what is cached of it goes by that URL."""


@dataclass(frozen=True)
class Variable:
    """One variable of the environment; `key` is what the platform calls it.

    In a default, `{sandbox}` stands for the address of the sandbox. Trailing slashes of a value are dropped.
    """

    key: str
    name: str
    """`MOBILE_DE_API_URL`."""
    default: str = ""
    secret: bool = False


@dataclass(frozen=True)
class ApiAccess:
    """How the operator reaches a platform: the values of its variables, and the name it knows them by."""

    values: Mapping[str, str] = field(repr=False)
    """By key. Not shown: credentials are among them."""
    operator: str = ""

    def __getitem__(self, key: str) -> str:
        return self.values[key]


def read_variables(
    variables: tuple[Variable, ...], environ: Mapping[str, str], sandbox_url: str
) -> dict[str, str]:
    """The values by key; a variable that is not set has its default."""
    return {
        variable.key: environ.get(variable.name, variable.default.format(sandbox=sandbox_url)).rstrip("/")
        for variable in variables
    }
