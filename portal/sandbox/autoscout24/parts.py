"""Everything the AutoScout24 side is made of."""

from __future__ import annotations

from dataclasses import dataclass

from portal.sandbox.autoscout24.customers import Customers
from portal.sandbox.autoscout24.images import Images
from portal.sandbox.autoscout24.listings import Listings
from portal.sandbox.autoscout24.references import References
from portal.sandbox.database import Database


@dataclass(frozen=True)
class AutoScout24:
    customers: Customers
    listings: Listings
    images: Images
    references: References

    def reset(self) -> None:
        """Back to the first start."""
        self.listings.forget()
        self.images.forget()
        self.customers.seed()


def assemble(database: Database) -> AutoScout24:
    return AutoScout24(Customers(database), Listings(database), Images(database), References())
