"""One ground for all; every test finds it as it was in the beginning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.ground import Ground, ground


@pytest.fixture(scope="session")
def _ground() -> Iterator[Ground]:
    with ground() as here:
        yield here


@pytest.fixture
def field(_ground: Ground) -> Ground:
    _ground.clean()
    return _ground
