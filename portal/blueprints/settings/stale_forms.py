"""Two tabs, two people: a form carries what it was made from, so that nobody overwrites unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import request

FIELD = "version"


def version(values: Mapping[str, Any]) -> str:
    """A short name for how something stands."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


def outdated(values: Mapping[str, Any]) -> bool:
    """Whether the form that was sent shows something else than what is stored now."""
    return request.form.get(FIELD) != version(values)
