"""What a request may hold at all, decided once for every route before a view reads any of it.

PostgreSQL keeps no zero bytes and no half surrogates in a text, and nobody means a control character. In
fields and queries they are left out, as what a browser never sends; in an address they name nothing, so
nothing is found there.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, abort
from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNMEANT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Line breaks and tabs are meant."""
LONGEST_NAME = 300
"""Characters of one part of an address; the tokens of links in mails may be longer."""


class StorableFields(ImmutableMultiDict[str, Any]):
    """Fields and files without what cannot be stored, in their names and in their texts."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = MultiDict(mapping).items(multi=True)
        super().__init__([(storable(name), _cleaned(value)) for name, value in pairs])


class PortalRequest(HtmxAwareRequest):  # type: ignore[misc]  # it has no types
    parameter_storage_class = StorableFields


def register(app: Flask) -> None:
    """After HTMX, which brings a request class of its own."""
    app.request_class = PortalRequest

    @app.url_value_preprocessor
    def refuse_unstorable(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        for name, value in (values or {}).items():
            if name == "token" or not isinstance(value, str):
                continue  # a token is compared by its hash or signature and says itself that it is none
            if _UNMEANT.search(value) or len(value) > LONGEST_NAME:
                abort(404)


def is_unstorable(text: str) -> bool:
    return _UNSTORABLE.search(text) is not None


def storable(text: str) -> str:
    return _UNMEANT.sub("", text)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if getattr(value, "filename", None):
        value.filename = storable(value.filename)
    return value
