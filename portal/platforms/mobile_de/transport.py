"""HTTP with mobile.de: its media type and its patience."""

from __future__ import annotations

from portal.platforms.common import http
from portal.platforms.common.http import TimeLimits

MEDIA_TYPE = "application/vnd.de.mobile.api+json"
PATIENT = TimeLimits(30, connect=5)
SHORT = TimeLimits(5)
QUICK = TimeLimits(10, connect=5)
"""Somebody waits for a price rating, which takes about four seconds there."""


class MobileDeHttp(http.Http):
    def __init__(self, base_url: str, username: str, password: str, timeout: TimeLimits = PATIENT) -> None:
        super().__init__(base_url, http.basic_auth(username, password), timeout, MEDIA_TYPE)
