"""What the manifest connects to: AutoScout24 Schweiz as the operator's credentials reach it, and the live
check of a seller's number."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portal.messages import say
from portal.platforms.autoscout24_ch import remote
from portal.platforms.autoscout24_ch.client import AutoScout24ChClient
from portal.platforms.autoscout24_ch.mapping import AutoScout24ChMapper, mapper
from portal.platforms.autoscout24_ch.reference import AutoScout24ChReference, ask_with
from portal.platforms.autoscout24_ch.tokens import Credentials, TokenAuth
from portal.platforms.common.answers import UNAVAILABLE, cleaned, credentials_refused
from portal.platforms.common.http import Http, TimeLimits, retry_after
from portal.platforms.contract import Account, ApiAccess, CustomerCheck, Json, Rules, Stores, TokenStore

SELLERS = "/public/v1/sellers"
PATIENT = TimeLimits(30, connect=5)
SHORT = TimeLimits(5)
CREDENTIALS = credentials_refused("AutoScout24 Schweiz")
MALFORMED = CustomerCheck("unknown", say("Verkäufernummer ungültig: Sie besteht nur aus Ziffern."))
UNKNOWN = CustomerCheck("unknown", say("Verkäufernummer unbekannt. Bitte prüfen Sie die Nummer."))


@dataclass(frozen=True)
class AutoScout24Ch:
    """The operator's client at AutoScout24 Schweiz, which acts for all sellers who allowed it."""

    credentials: Credentials = field(repr=False)
    operator: str

    def check_customer(self, number: str) -> CustomerCheck:
        wanted = "".join(number.split())
        if not _is_number(wanted):
            return MALFORMED
        with self._http(SHORT) as http:
            reply = http.get(f"{SELLERS}/{wanted}/listings?page=0&size=1")
            body = reply.json() if reply.ok else None
            if isinstance(body, dict) and isinstance(body.get("content"), list):
                account = _account(http, wanted) or Account(wanted, wanted)
                return CustomerCheck(
                    "ok", say("Gültig: {wanted}", wanted=account.company_name or wanted), account
                )
        match reply.status:
            case 401:
                return CREDENTIALS
            case 403:
                text = say(
                    "Kein Zugriff. Bitte beauftragen Sie AutoScout24 Schweiz, "
                    "„{operator}“ Zugriff auf Ihre Inserate zu geben, "
                    "und prüfen Sie die Nummer danach noch einmal.",
                    operator=self.operator,
                )
                return CustomerCheck("not_linked", text)
            case 400 | 404:
                return UNKNOWN
            case _:
                return replace(UNAVAILABLE, after=retry_after(reply.headers))

    def find_account(self, number: str) -> Account | None:
        wanted = "".join(number.split())
        if not _is_number(wanted):
            return None
        with self._http(SHORT) as http:
            return _account(http, wanted)

    def open(self, account: Account, stores: Stores) -> AutoScout24ChClient:
        http = self._http(tokens=stores.tokens)
        return AutoScout24ChClient(http, account, stores, self.credentials.api_url)

    def mapper(
        self, settings: Mapping[str, Any], _account: Account, rules: Rules, stores: Stores
    ) -> AutoScout24ChMapper:
        ask = ask_with(lambda: self._http(tokens=stores.tokens), lambda body: json.dumps(body).encode())
        book = AutoScout24ChReference(stores.references, ask)
        book.makes("car")
        return mapper(settings, rules, book)

    def comparable(self, ad: Json) -> Json:
        return remote.comparable(ad)

    def _http(self, timeout: TimeLimits = PATIENT, *, tokens: TokenStore | None = None) -> Http:
        """Without a store the tokens of this process are used."""
        return Http(self.credentials.api_url, TokenAuth(self.credentials, tokens, timeout), timeout)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def _account(http: Http, number: str) -> Account | None:
    reply = http.get(f"{SELLERS}/{number}")
    body = reply.json() if reply.ok else None
    if not isinstance(body, dict):
        return None
    return Account(
        customer_number=number,
        seller_key=number,
        company_name=cleaned(body.get("name"))[:200],
        postal_code=cleaned(body.get("zipCode"))[:20],
    )


def connect(access: ApiAccess) -> AutoScout24Ch:
    credentials = Credentials(access["api_url"], access["client_id"], access["client_secret"])
    return AutoScout24Ch(credentials, access.operator)
