"""docs/webhooks.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from portal.webhooks.messages import EVENTS, TEST
from portal.webhooks.sending import serve_due
from portal.webhooks.signing import make_secret
from tests.webhooks.conftest import Ear, Receiver

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")


@pytest.fixture
def is_genuine() -> Any:
    """The example, as it stands there."""
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)  # noqa: S102
    return names["is_genuine"]


def test_the_example_tells_what_is_genuine(ear: Ear, receiver: Receiver, is_genuine: Any) -> None:
    ear.note(name="Müller")
    serve_due(ear.sender)
    [(headers, body)] = receiver.got
    assert is_genuine(ear.secret, headers, body)
    assert not is_genuine(make_secret(), headers, body)
    assert not is_genuine(ear.secret, headers, body + b" ")
    assert not is_genuine(ear.secret, headers | {"webhook-timestamp": "1"}, body)


def test_every_event_is_described() -> None:
    named = set(re.findall(r"`([a-z]+\.[a-z]+)`", PAGE))
    assert named >= {*EVENTS, TEST}
