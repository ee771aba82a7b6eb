"""Everything the mobile.de side is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from portal.sandbox.database import Database
from portal.sandbox.demand import Market
from portal.sandbox.mobile_de.accounts import Accounts
from portal.sandbox.mobile_de.ads import Ads
from portal.sandbox.mobile_de.pictures import Pictures
from portal.sandbox.mobile_de.refdata import Refdata
from portal.sandbox.parts import parts

SLUG = "mobile-de"


@dataclass(frozen=True)
class MobileDe:
    accounts: Accounts
    ads: Ads
    pictures: Pictures
    refdata: Refdata
    market: Market

    def owner_id(self, number: str) -> str | None:
        found = self.accounts.find(number)
        return found.seller_id if found else None

    def reset(self) -> None:
        """No ads and pictures; accounts and sellers as seeded."""
        self.ads.forget()
        self.pictures.forget()
        self.accounts.seed()


def new_state(database: Database) -> MobileDe:
    return MobileDe(Accounts(database), Ads(database), Pictures(database), Refdata(), Market(database))


def state() -> MobileDe:
    """That of the sandbox which answers the request in hand."""
    return cast(MobileDe, parts().markets[SLUG])
