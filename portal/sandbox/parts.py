"""Everything an application of the sandbox is made of."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from portal.sandbox.autoscout24.parts import AutoScout24
from portal.sandbox.autoscout24.parts import assemble as assemble_autoscout24
from portal.sandbox.books import Books
from portal.sandbox.database import Database
from portal.sandbox.faults import Faults
from portal.sandbox.files.desk import FileDesk
from portal.sandbox.files.folders import Folders
from portal.sandbox.mailbox import Mailbox
from portal.sandbox.mobile_de.accounts import Accounts
from portal.sandbox.mobile_de.ads import Ads
from portal.sandbox.mobile_de.pictures import Pictures
from portal.sandbox.mobile_de.refdata import Refdata
from portal.sandbox.settings import SandboxSettings


@dataclass(frozen=True)
class SandboxParts:
    settings: SandboxSettings
    database: Database
    accounts: Accounts
    ads: Ads
    pictures: Pictures
    books: Books
    mailbox: Mailbox
    faults: Faults
    refdata: Refdata
    desk: FileDesk
    autoscout24: AutoScout24


def assemble(settings: SandboxSettings) -> SandboxParts:
    database = Database(settings.database)
    accounts, books, faults = Accounts(database), Books(database), Faults()
    return SandboxParts(
        settings,
        database,
        accounts,
        Ads(database),
        Pictures(database),
        books,
        Mailbox(database),
        faults,
        Refdata(),
        FileDesk(database, accounts, faults, books, Folders(settings.files)),
        assemble_autoscout24(database),
    )


def parts() -> SandboxParts:
    found: SandboxParts = current_app.extensions["sandbox"]
    return found
