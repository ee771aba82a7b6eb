"""Messages in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask_babel import get_locale

from portal.translations.catalogue import SOURCE, in_language
from portal.translations.message import Wording, from_json


def translated(wording: Wording | Mapping[str, Any]) -> str:
    """A message in the language of this request, also as the database keeps it. Somebody else's words stay
    as they are."""
    return translator()(wording)


def translator() -> Callable[[Wording | Mapping[str, Any]], str]:
    """`translated` for what is written after the request has ended, like a long download."""
    locale = get_locale()
    return partial(_spoken, language=locale.language if locale else SOURCE)


def _spoken(wording: Wording | Mapping[str, Any] | None, language: str) -> str:
    return in_language(
        from_json(wording) if isinstance(wording, Mapping) or wording is None else wording, language
    )
