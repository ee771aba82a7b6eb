"""What the manifest connects to: mobile.de as the operator's credentials reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from portal.platforms.contract import Account, CustomerCheck, Json, Rules, Stores
from portal.platforms.mobile_de import comparing, customer
from portal.platforms.mobile_de.client import MobileDeClient
from portal.platforms.mobile_de.mapping import AdMapper, mapper
from portal.platforms.mobile_de.reference import Book, fetch_with
from portal.platforms.mobile_de.transport import PATIENT, SHORT, Http


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
            return customer.check(http, number, self.operator)

    def find_account(self, number: str) -> Account | None:
        with self._http(SHORT) as http:
            return customer.find(http, number)

    def open(self, account: Account, stores: Stores) -> MobileDeClient:
        return MobileDeClient(self._http(), account, stores, self.listing_url)

    def mapper(self, settings: Mapping[str, Any], account: Account, rules: Rules, stores: Stores) -> AdMapper:
        book = Book(stores.references, fetch_with(self._http))
        book.makes("Car")
        return mapper(settings, account, rules, book)

    def comparable(self, ad: Json) -> Json:
        return comparing.comparable(ad)

    def _http(self, timeout: httpx.Timeout = PATIENT) -> Http:
        return Http(self.api_url, self.username, self.password, timeout)


def connect(settings: Any) -> MobileDe:
    """Takes the process's `config.Settings`."""
    return MobileDe(
        api_url=settings.mobile_de_api_url,
        listing_url=settings.mobile_de_listing_url,
        username=settings.mobile_de_username,
        password=settings.mobile_de_password,
        operator=settings.operator_name,
    )
