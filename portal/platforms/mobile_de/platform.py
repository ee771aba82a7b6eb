"""What the manifest connects to: mobile.de as the operator's credentials reach it, and the live check
of a customer number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.messages import say
from portal.platforms.common.answers import UNAVAILABLE, cleaned, credentials_refused
from portal.platforms.common.http import Reply, TimeLimits, retry_after
from portal.platforms.contract import Account, ApiAccess, CustomerCheck, Json, Rules, Stores
from portal.platforms.mobile_de import remote_ads
from portal.platforms.mobile_de.client import MobileDeClient
from portal.platforms.mobile_de.mapping import AdMapper, mapper
from portal.platforms.mobile_de.reference import MobileDeReference, fetch_with
from portal.platforms.mobile_de.transport import PATIENT, SHORT, MobileDeHttp

LIVE_API = "https://services.mobile.de"
LIVE_SITE = "https://suchen.mobile.de"
SELLERS = "/seller-api/sellers"
ACCOUNT_LIMITS = {"maxImages": "max_images", "maxHighlights": "max_highlights", "leasing": "leasing"}
CREDENTIALS = credentials_refused("mobile.de")
MALFORMED = CustomerCheck("unknown", say("Kundennummer ungültig: Sie besteht nur aus Ziffern."))


def checked_customer(http: MobileDeHttp, number: str, operator: str) -> CustomerCheck:
    wanted = "".join(number.split())
    if not re.fullmatch(r"[0-9]{1,12}", wanted):
        return MALFORMED
    reply = http.get(SELLERS)
    if reply.status == 401:
        return CREDENTIALS
    sellers = _sellers(reply)
    if sellers is None:
        return replace(UNAVAILABLE, after=retry_after(reply.headers))
    found = _seller_among(sellers, wanted)
    return _found(found, wanted) if found else _not_found(http, wanted, operator)


def find(http: MobileDeHttp, number: str) -> Account | None:
    """The account behind a number, by one request whatever the number is."""
    wanted = "".join(number.split())
    seller = _seller_among(_sellers(http.get(SELLERS)) or (), wanted)
    return _account(seller, wanted) if seller else None


def _seller_among(sellers: Sequence[Mapping[str, Any]], wanted: str) -> Mapping[str, Any] | None:
    """By the customer number first: it is what stands on the dealer's invoices."""
    for name in ("customerNumber", "mobileSellerId"):
        for seller in sellers:
            if str(seller.get(name, "")).strip() == wanted:
                return seller
    return None


def _sellers(reply: Reply) -> list[Mapping[str, Any]] | None:
    body = reply.json() if reply.ok else None
    sellers = body.get("sellers") if isinstance(body, dict) else body
    if not isinstance(sellers, list):
        return None
    return [seller for seller in sellers if isinstance(seller, dict)]


def _found(seller: Mapping[str, Any], wanted: str) -> CustomerCheck:
    account = _account(seller, wanted)
    if account is None:
        return UNAVAILABLE
    name = account.company_name or say("Kundennummer {number}", number=account.customer_number)
    if account.read_only:
        text = say(
            "{name}: mobile.de erlaubt bei dieser Kundennummer nur Lesen. "
            "Bitte lassen Sie bei mobile.de das Übertragen von Inseraten freischalten.",
            name=name,
        )
        return CustomerCheck("read_only", text, account)
    return CustomerCheck("ok", say("Gültig: {name}", name=name), account)


def _account(seller: Mapping[str, Any], wanted: str) -> Account | None:
    """The seller key is needed for every request; without it the answer is of no use."""
    key = str(seller.get("mobileSellerId") or "").strip()
    if not key:
        return None
    settings = seller.get("settings")
    given = settings if isinstance(settings, dict) else {}
    return Account(
        customer_number=str(seller.get("customerNumber") or wanted),
        seller_key=key,
        company_name=cleaned(seller.get("companyName"))[:200],
        postal_code=_postal_code(seller),
        read_only=seller.get("readonly") is True,
        # Numbers as they are, yes and no as 1 and 0.
        limits={
            ours: int(value)
            for theirs, ours in ACCOUNT_LIMITS.items()
            if isinstance(value := given.get(theirs), int) and value >= 0
        },
    )


def _postal_code(seller: Mapping[str, Any]) -> str:
    """Where the platform tells it at all: its place in the answer is not documented (docs/protocols.md)."""
    address = seller.get("address")
    places = (seller, address if isinstance(address, dict) else {})
    names = ("zipcode", "zipCode", "postalCode", "zip")
    found = (place.get(name) for place in places for name in names)
    return next((str(code).strip()[:10] for code in found if isinstance(code, str | int)), "")


def _not_found(http: MobileDeHttp, wanted: str, operator: str) -> CustomerCheck:
    """Not among the sellers we may act for: another dealer's number, or one that does not exist?"""
    reply = http.get(f"{SELLERS}/{wanted}/ads")
    if reply.status == 401:
        return CREDENTIALS
    if reply.status == 403:
        text = say(
            "Datendienstleister nicht hinterlegt. Bitte tragen Sie im Händlerbereich von mobile.de "
            "„{operator}“ als Datendienstleister ein und prüfen Sie die Nummer danach noch einmal.",
            operator=operator,
        )
        return CustomerCheck("not_linked", text)
    if reply.status is None or reply.status == 429 or reply.status >= 500:
        return replace(UNAVAILABLE, after=retry_after(reply.headers))
    text = say(
        "Kundennummer ungültig oder unbekannt. Stimmt die Nummer, ist vielleicht "
        "„{operator}“ im Händlerbereich von mobile.de noch nicht als Datendienstleister eingetragen.",
        operator=operator,
    )
    return CustomerCheck("unknown", text)


@dataclass(frozen=True)
class MobileDe:
    """The operator's account at mobile.de, which acts for all linked dealers."""

    api_url: str
    listing_url: str
    username: str
    password: str = field(repr=False)
    operator: str

    def check_customer(self, number: str) -> CustomerCheck:
        with self._http(SHORT) as http:
            return checked_customer(http, number, self.operator)

    def find_account(self, number: str) -> Account | None:
        with self._http(SHORT) as http:
            return find(http, number)

    def open(self, account: Account, stores: Stores) -> MobileDeClient:
        return MobileDeClient(self._http(), account, stores, self.listing_url)

    def mapper(self, settings: Mapping[str, Any], account: Account, rules: Rules, stores: Stores) -> AdMapper:
        book = MobileDeReference(stores.references, fetch_with(self._http))
        book.makes("Car")
        return mapper(settings, account, rules, book)

    def comparable(self, ad: Json) -> Json:
        return remote_ads.comparable(ad)

    def _http(self, timeout: TimeLimits = PATIENT) -> MobileDeHttp:
        return MobileDeHttp(self.api_url, self.username, self.password, timeout)


def connect(access: ApiAccess) -> MobileDe:
    """The sandbox shows the pages that buyers see on its own host."""
    api_url = access["api_url"]
    return MobileDe(
        api_url=api_url,
        listing_url=access["public_url"] or (LIVE_SITE if api_url == LIVE_API else api_url),
        username=access["username"],
        password=access["password"],
        operator=access.operator,
    )
