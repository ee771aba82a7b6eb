"""mobile.de, Seller API."""

from __future__ import annotations

from typing import Any

from portal.platforms.base import ExportApp, Platform


def _connect(settings: Any) -> Platform:
    raise NotImplementedError


app = ExportApp(
    slug="mobile-de",
    name="mobile.de",
    summary="",
    kind="api",
    countries=("DE",),
    fields=(),
    connect=_connect,
)
