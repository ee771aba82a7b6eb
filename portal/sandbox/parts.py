"""Everything an application of the sandbox is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app

from portal.sandbox.books import Books
from portal.sandbox.catalogues.books import CatalogueBooks
from portal.sandbox.database import Database
from portal.sandbox.faults import Faults
from portal.sandbox.files.desk import FileDesk
from portal.sandbox.files.folders import Folders
from portal.sandbox.mailbox import Mailbox
from portal.sandbox.marketplace import Marketplace, MarketState
from portal.sandbox.mobile_de.accounts import Accounts
from portal.sandbox.settings import SandboxSettings


@dataclass(frozen=True)
class SandboxParts:
    settings: SandboxSettings
    database: Database
    books: Books
    mailbox: Mailbox
    faults: Faults
    desk: FileDesk
    catalogues: CatalogueBooks
    markets: Mapping[str, MarketState]
    """By slug; each folder has a function that knows the type of its own."""

    def owner_id(self, number: str) -> str:
        """Of a dealer at any of the marketplaces. Raises ValueError for a number that none of them knows."""
        for market in self.markets.values():
            if found := market.owner_id(number):
                return found
        raise ValueError(f"There is no seller {number!r}.")


def assemble(settings: SandboxSettings, marketplaces: Sequence[Marketplace]) -> SandboxParts:
    database = Database(settings.database, (market.schema for market in marketplaces))
    books, faults = Books(database), Faults()
    markets = {market.slug: market.state(database) for market in marketplaces}
    desk = FileDesk(database, Accounts(database), faults, books, Folders(settings.files))
    catalogues = CatalogueBooks(database)
    return SandboxParts(settings, database, books, Mailbox(database), faults, desk, catalogues, markets)


def parts() -> SandboxParts:
    found: SandboxParts = current_app.extensions["sandbox"]
    return found
