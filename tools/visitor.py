"""A dealer in front of the proxy, who has just been given a login: what they do first, over HTTP."""

from __future__ import annotations

import re
from typing import Any

import httpx

from portal.platforms import APPS
from tests.formats.stock_file import file, line
from tests.marketplace import Marketplace
from tests.waiting import until

HOST = "portal.example.org"


class Proxy(httpx.HTTPTransport):
    """What deploy/nginx.conf does: TLS ends here, and the portal is told what was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        told = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": HOST}
        headers = {**request.headers, **told}
        passed_on = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return super().handle_request(passed_on)


class Visitor:
    def __init__(self, port: int, market: Marketplace) -> None:
        self._market = market
        self._browser = httpx.Client(
            base_url=f"https://{HOST}", transport=Proxy(port), timeout=60, follow_redirects=True
        )

    def demand_ready(self) -> None:
        until(self._is_ready)

    def _is_ready(self) -> bool:
        try:
            return self._browser.get("/readyz").text.startswith("ok")
        except httpx.TransportError:  # it has just been restarted
            return False

    def demand_in_stock(self, number: str) -> None:
        assert number in self._browser.get("/vehicles").text

    def log_in(self, login: str, password: str) -> None:
        self._send("/login", {"login": login, "password": password})
        assert self._browser.get("/").url.path == "/", "the login was refused"

    def bring_a_vehicle(self) -> None:
        stock = file(line(B="4711")).read()
        page = self._browser.get("/vehicles/import").text
        location = re.search(r'name="location".*?<option value="([^"]+)"', page, re.DOTALL)
        assert location, page
        answers = {"location": location[1], "scope": "complete"}
        self._send("/vehicles/import", answers, files={"file": ("bestand.csv", stock, "text/csv")})

    def activate(self, number: str) -> None:
        """The form as it stands there, with a number."""
        answers: dict[str, Any] = {"customer_number": number}
        for field in APPS["mobile-de"].fields:
            if field.type == "choice":
                answers[field.name] = field.default
            if field.type == "kinds":
                answers |= {f"{field.name}-{kind}": "1" for kind in field.default}
        self._send("/appstore/mobile-de/activate", answers)

    def demand_online(self, vehicles: int) -> None:
        until(lambda: len(self._market.online()) == vehicles)

    def _send(self, path: str, answers: dict[str, Any], **more: Any) -> None:
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self._browser.get(path).text)
        assert found, f"{path} has no form"
        page = {"Referer": f"https://{HOST}{path}"}
        answer = self._browser.post(path, data={"csrf_token": found[1], **answers}, headers=page, **more)
        assert answer.status_code == 200, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
