"""What the manifest connects to: AutoScout24 as the operator's credentials reach it, and the live check
of a customer number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.messages import say
from portal.platforms.autoscout24 import remote_listing
from portal.platforms.autoscout24.client import AutoScout24Client
from portal.platforms.autoscout24.mapping import AutoScout24Mapper, mapper
from portal.platforms.autoscout24.reference import AutoScout24Reference, fetch_with
from portal.platforms.common.answers import UNAVAILABLE, cleaned, credentials_refused
from portal.platforms.common.http import Http, Reply, TimeLimits, basic_auth, retry_after
from portal.platforms.contract import Account, ApiAccess, CustomerCheck, Json, Rules, Stores

REAL_API = "https://listing-creation.api.autoscout24.com"
REAL_SITE = "https://www.autoscout24.de"
CUSTOMERS = "/customers"
PATIENT = TimeLimits(10, connect=5)
"""What AutoScout24 asks of its clients; an upload of a picture may take as long."""
SHORT = TimeLimits(5)
CREDENTIALS = credentials_refused("AutoScout24")
MALFORMED = CustomerCheck("unknown", say("Kundennummer ungültig: Sie besteht nur aus Ziffern."))


def checked_customer(http: Http, number: str, operator: str) -> CustomerCheck:
    wanted = "".join(number.split())
    if not re.fullmatch(r"[0-9]{1,20}", wanted):
        return MALFORMED
    reply = http.get(CUSTOMERS)
    if reply.status == 401:
        return CREDENTIALS
    customers = _customers(reply)
    if customers is None:
        return replace(UNAVAILABLE, after=retry_after(reply.headers))
    account = _account_among(customers, wanted)
    if account is None:
        return _not_found(http, wanted, operator)
    return CustomerCheck(
        "ok", say("Gültig: {name}", name=account.company_name or account.customer_number), account
    )


def find(http: Http, number: str) -> Account | None:
    """The account behind a number, by one request whatever the number is."""
    return _account_among(_customers(http.get(CUSTOMERS)) or (), "".join(number.split()))


def _customers(reply: Reply) -> list[Mapping[str, Any]] | None:
    body = reply.json() if reply.ok else None
    entries = body.get("customers") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return None
    return [entry for entry in entries if isinstance(entry, dict)]


def _account_among(customers: Sequence[Mapping[str, Any]], wanted: str) -> Account | None:
    """By the id first; the number on invoices leads to it as well."""
    named = (one for name in ("id", "sellId") for one in customers if str(one.get(name) or "") == wanted)
    found = next(named, None)
    key = str(found.get("id") or "") if found else ""
    if found is None or not key:
        return None
    return Account(
        customer_number=key,
        seller_key=key,
        company_name=cleaned(found.get("companyName"))[:200],
        limits={"tiers": int(found.get("canSetMiaRequestedTier") is True)},
    )


def _not_found(http: Http, wanted: str, operator: str) -> CustomerCheck:
    """Not among the customers we may act for: another dealer's number, or one that does not exist?"""
    reply = http.get(f"{CUSTOMERS}/{wanted}/listings")
    if reply.status == 401:
        return CREDENTIALS
    if reply.status == 403:
        text = say(
            "Datenlieferant nicht hinterlegt. Bitte beauftragen Sie bei AutoScout24 "
            "„{operator}“ als Datenlieferanten und prüfen Sie die Nummer danach noch einmal.",
            operator=operator,
        )
        return CustomerCheck("not_linked", text)
    if reply.status is None or reply.status == 429 or reply.status >= 500:
        return replace(UNAVAILABLE, after=retry_after(reply.headers))
    text = say(
        "Kundennummer ungültig oder unbekannt. Stimmt die Nummer, ist vielleicht "
        "„{operator}“ bei AutoScout24 noch nicht als Datenlieferant eingetragen.",
        operator=operator,
    )
    return CustomerCheck("unknown", text)


@dataclass(frozen=True)
class AutoScout24:
    """The operator's account at AutoScout24, which acts for all dealers who mandated it."""

    api_url: str
    username: str
    password: str = field(repr=False)
    operator: str

    @property
    def listing_url(self) -> str:
        """Base of the pages buyers see; the sandbox shows them on its own host."""
        return REAL_SITE if self.api_url.rstrip("/") == REAL_API else self.api_url

    def check_customer(self, number: str) -> CustomerCheck:
        with self._http(SHORT) as http:
            return checked_customer(http, number, self.operator)

    def find_account(self, number: str) -> Account | None:
        with self._http(SHORT) as http:
            return find(http, number)

    def open(self, account: Account, stores: Stores) -> AutoScout24Client:
        return AutoScout24Client(self._http(), account, stores, self.listing_url)

    def open_for_trials(self, account: Account, stores: Stores) -> AutoScout24Client:
        """A connection whose listings are stored and never shown."""
        return AutoScout24Client(self._http(), account, stores, self.listing_url, testmode=True)

    def mapper(
        self, settings: Mapping[str, Any], account: Account, rules: Rules, stores: Stores
    ) -> AutoScout24Mapper:
        book = AutoScout24Reference(stores.references, fetch_with(self._http))
        book.makes("C")
        return mapper(settings, account, rules, book)

    def comparable(self, ad: Json) -> Json:
        return remote_listing.comparable(ad)

    def _http(self, timeout: TimeLimits = PATIENT) -> Http:
        return Http(self.api_url, basic_auth(self.username, self.password), timeout)


def connect(access: ApiAccess) -> AutoScout24:
    return AutoScout24(
        api_url=access["api_url"],
        username=access["username"],
        password=access["password"],
        operator=access.operator,
    )
