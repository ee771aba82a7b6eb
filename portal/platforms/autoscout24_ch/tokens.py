"""The access token: one for all processes, renewed shortly before its end, and once after a 401.

It lasts a day. The platform's credentials leave the portal in this exchange only.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from portal.platforms.common.http import Http, NotReached, Reply, TimeLimits
from portal.platforms.contract import ProcessTokens, Token, TokenStore

PATH = "/public/v1/clients/oauth/token"
AUDIENCE = "https://api.autoscout24.ch"
"""The same for the pre-production and the real platform."""
FORM = "application/x-www-form-urlencoded"
MARGIN, SHARE = timedelta(minutes=5), 5
"""So long before its end a token is not used any more; the last fifth of one that lives for minutes only."""
UNTOLD = timedelta(hours=1)
"""The life of a token whose answer does not tell it: one that ends before is renewed after its 401."""
_HERE: dict[tuple[str, str], ProcessTokens] = {}


class TokenUnavailable(NotReached):
    """The platform gives no token at the moment: nothing of the request has reached it."""


@dataclass(frozen=True)
class Credentials:
    api_url: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def tokens(self) -> ProcessTokens:
        """Those of this process, for what is asked without a database at hand."""
        return _HERE.setdefault((self.api_url, self.client_id), ProcessTokens())


class TokenAuth:
    """Puts the token on each request. Safe to use from several threads."""

    def __init__(self, credentials: Credentials, shared: TokenStore | None, timeout: TimeLimits) -> None:
        self._credentials = credentials
        self._shared = shared or credentials.tokens
        self._timeout = timeout
        self._lock = threading.Lock()
        self._token: Token | None = None

    def __call__(self, refused: str) -> str:
        """The header, with another token than the one that was refused. Raises TokenUnavailable."""
        used = self._current(refused.removeprefix("Bearer "))
        return f"Bearer {used}" if used else ""

    def _current(self, refused: str) -> str:
        """The token that all use, or a new one. Empty where the credentials are refused: the request goes
        without, and its 401 says so."""
        with self._lock:
            if _usable(self._token, refused):
                return self._token.text if self._token else ""
            self._token = self._shared.get()
            if not _usable(self._token, refused):
                self._token = self._renewed()
            return self._token.text if self._token else ""

    def _renewed(self) -> Token | None:
        """Raises TokenUnavailable."""
        token = token_in(self._ask())
        if token is not None:
            self._shared.put(token)
        return token

    def _ask(self) -> Reply:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "audience": AUDIENCE,
        }
        with Http(self._credentials.api_url, None, self._timeout) as http:
            return http.send("POST", PATH, urlencode(form).encode(), FORM)


def _usable(token: Token | None, refused: str) -> bool:
    return token is not None and token.text != refused and token.expires_at > datetime.now(UTC)


def token_in(reply: Reply) -> Token | None:
    """None where the credentials are refused. Raises TokenUnavailable for everything else that is none."""
    if reply.status in (400, 401, 403):
        return None
    body = reply.json() if reply.ok else None
    text = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or not text:
        raise TokenUnavailable("no token")
    life = _life(body.get("expires_in") if isinstance(body, dict) else None)
    return Token(text, datetime.now(UTC) + life - min(MARGIN, life / SHARE))


def _life(given: Any) -> timedelta:
    """Seconds, as a number or as a text."""
    told = str(given).partition(".")[0]
    is_number = not isinstance(given, bool) and told.isascii() and told.isdigit() and len(told) < 8
    return timedelta(seconds=int(told)) if is_number and int(told) else UNTOLD
