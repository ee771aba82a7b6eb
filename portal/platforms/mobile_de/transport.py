"""HTTP with mobile.de: its media type and its patience."""

from __future__ import annotations

import httpx

from portal.platforms.common import http

MEDIA_TYPE = "application/vnd.de.mobile.api+json"
PATIENT = httpx.Timeout(30, connect=5)
SHORT = httpx.Timeout(5)
QUICK = httpx.Timeout(10, connect=5)
"""Somebody waits for a price rating, which takes about four seconds there."""


class MobileDeHttp(http.Http):
    def __init__(self, base_url: str, username: str, password: str, timeout: httpx.Timeout = PATIENT) -> None:
        super().__init__(base_url, httpx.BasicAuth(username, password), timeout, MEDIA_TYPE)
