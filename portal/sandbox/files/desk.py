"""What the servers of the file portal share: who may enter, which faults strike, what becomes of a file."""

from __future__ import annotations

import hmac
import os
import threading
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from portal.sandbox.books import BookEntry, Books
from portal.sandbox.database import Database
from portal.sandbox.faults import Faults
from portal.sandbox.files import report
from portal.sandbox.files.folders import Folders
from portal.sandbox.files.reading import Unreadable, read
from portal.sandbox.files.rows import check
from portal.sandbox.files.stock import FileArrival, UploadedStock
from portal.sandbox.files.strain import Strain
from portal.sandbox.mobile_de.accounts import Accounts, Seller

PASSWORD = "portal-sandbox"  # noqa: S105  # of every seller, in the sandbox
INVENTORIES = (".csv", ".zip")


class FileDesk:
    def __init__(
        self, database: Database, accounts: Accounts, faults: Faults, books: Books, folders: Folders
    ) -> None:
        self._database, self._accounts, self._faults, self._books = database, accounts, faults, books
        self.folders = folders
        self.stock = UploadedStock(database)
        self.etags: dict[tuple[str, str], str] = {}
        """Of feeds that were pulled: (customer number, address) → what the answer said."""
        self.servers: dict[str, str | int | None] = {}
        """How the servers are reached, for `GET /control/servers`."""
        self.ending = threading.Event()
        """Whoever hangs by a fault waits for it: the sandbox ends."""
        self._one_import = threading.Lock()

    def sellers(self) -> list[Seller]:
        """All who have a folder."""
        return self._accounts.all_sellers()

    def strain(self, kind: str, number: str | None = None) -> Strain:
        seller = self._accounts.find(number) if number else None
        return Strain(self._faults.strike(kind, seller.seller_id if seller else None, None))

    def knows(self, number: str) -> bool:
        seller = self._accounts.find(number)
        return seller is not None and seller.customer_number == number

    def admits(self, number: str, password: str) -> bool:
        return self.knows(number) and hmac.compare_digest(password.encode(), PASSWORD.encode())

    def admits_key(self, number: str, public_key: str) -> bool:
        statement = "SELECT 1 FROM file_key WHERE customer_number = ? AND public_key = ?"
        return self._database.row(statement, number, _bare(public_key)) is not None

    def add_key(self, number: str, public_key: str) -> None:
        self._database.run("INSERT INTO file_key VALUES (?, ?)", number, _bare(public_key))

    def note(
        self, kind: str, via: str, path: str, number: str | None, strain: Strain, status: int | None
    ) -> None:
        """Into the request log. No status: nothing was answered."""
        seller = self._accounts.find(number) if number else None
        seller_id = seller.seller_id if seller else None
        self._books.write(BookEntry(kind, via, path, status, seller_id, None, None, None, strain.names))

    def bring(self, number: str, name: str, content: bytes, via: str) -> FileArrival | None:
        """Lay a file into the folder, whole from the moment it has its name, and import it."""
        target = self.folders.home(number) / name
        temporary = target.with_name(f".{name}.{uuid4()}")
        temporary.write_bytes(content)
        os.replace(temporary, target)
        return self.arrived(target, via)

    def arrived(self, file: Path, via: str) -> FileArrival | None:
        """Import what lies under this name now; None for names that are no inventory's."""
        name = file.name
        if not name.lower().endswith(INVENTORIES) or name.endswith(report.ENDING):
            return None
        with self._one_import:
            content = file.read_bytes()
            number, folder = self.folders.place(file)
            arrival = FileArrival(number, folder, name, via, len(content), sha256(content).hexdigest())
            file.with_name(name + report.ENDING).write_bytes(self._imported(arrival, content))
            return arrival

    def _imported(self, arrival: FileArrival, content: bytes) -> bytes:
        """The report."""
        try:
            inventory = read(arrival.name, content)
        except Unreadable as error:
            self.stock.refuse(arrival, error.code)
            return report.refused(arrival.name, arrival.sha256, error.code, error.text)
        rows = check(inventory.lines, arrival.number, inventory.pictures)
        counts = self.stock.replace(arrival, rows)
        return report.received(arrival.name, arrival.sha256, rows, counts.summary)

    def forget(self) -> None:
        self.etags.clear()
        self.stock.forget()
        self.folders.forget()


def _bare(public_key: str) -> str:
    """Kind and key, without the comment."""
    return " ".join(public_key.split()[:2])
