"""Everything the side of AutoScout24 Schweiz is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from portal.sandbox.autoscout24_ch.clients import Clients
from portal.sandbox.autoscout24_ch.listings import Listings
from portal.sandbox.autoscout24_ch.references import References
from portal.sandbox.database import Database
from portal.sandbox.parts import parts

SLUG = "autoscout24-ch"


@dataclass(frozen=True)
class AutoScout24Ch:
    clients: Clients
    listings: Listings
    references: References

    def owner_id(self, number: str) -> str | None:
        found = self.clients.seller(int(number)) if number.isdecimal() and len(number) < 19 else None
        return str(found.seller_id) if found else None

    def reset(self) -> None:
        """Back to the first start."""
        self.listings.forget()
        self.clients.seed()


def new_state(database: Database) -> AutoScout24Ch:
    return AutoScout24Ch(Clients(database), Listings(database), References())


def state() -> AutoScout24Ch:
    """That of the sandbox which answers the request in hand."""
    return cast(AutoScout24Ch, parts().markets[SLUG])
