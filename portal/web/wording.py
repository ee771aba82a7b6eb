"""Messages in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import get_locale

from portal.catalogue import SOURCE, in_language
from portal.messages import Wording, from_json


def translated(wording: Wording | Mapping[str, Any]) -> str:
    """A message in the language of this request, also as the database keeps it. Somebody else's words stay
    as they are."""
    return translator()(wording)


def translator() -> Callable[[Wording | Mapping[str, Any]], str]:
    """`translated` for what is written after the request has ended, like a long download."""
    locale = get_locale()
    language = locale.language if locale else SOURCE

    def spoken(wording: Wording | Mapping[str, Any] | None) -> str:
        if isinstance(wording, Mapping) or wording is None:
            wording = from_json(wording)
        return in_language(wording, language)

    return spoken
