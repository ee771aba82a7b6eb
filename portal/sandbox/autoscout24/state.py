"""Everything the AutoScout24 side is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from portal.sandbox.autoscout24.customers import Customers
from portal.sandbox.autoscout24.images import Images
from portal.sandbox.autoscout24.listings import Listings
from portal.sandbox.autoscout24.references import References
from portal.sandbox.database import Database
from portal.sandbox.demand import Market
from portal.sandbox.parts import parts

SLUG = "autoscout24"


@dataclass(frozen=True)
class AutoScout24:
    customers: Customers
    listings: Listings
    images: Images
    references: References
    market: Market

    def owner_id(self, number: str) -> str | None:
        found = self.customers.find(number)
        return found.customer_id if found else None

    def reset(self) -> None:
        """Back to the first start."""
        self.listings.forget()
        self.images.forget()
        self.customers.seed()


def new_state(database: Database) -> AutoScout24:
    return AutoScout24(
        Customers(database), Listings(database), Images(database), References(), Market(database)
    )


def state() -> AutoScout24:
    """That of the sandbox which answers the request in hand."""
    return cast(AutoScout24, parts().markets[SLUG])
