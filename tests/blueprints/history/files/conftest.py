"""A dealer with a file app, its worker, and Alice's browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.models import User
from tests.exports.stock_files.conftest import FileStage, paper_app, runtime, stage

__all__ = ["paper_app", "runtime", "stage"]


@pytest.fixture
def alice(stage: FileStage, login: Callable[[User], FlaskClient]) -> FlaskClient:
    return login(stage.build.alice(stage.dealer))
