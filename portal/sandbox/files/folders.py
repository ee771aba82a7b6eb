"""Where the file portal keeps what was brought: one folder for each seller, named by the customer number."""

from __future__ import annotations

import shutil
from pathlib import Path


class Folders:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.secrets = root / "server"
        """Host keys, certificates; not reachable from outside."""
        self._homes = root / "sellers"

    def home(self, number: str) -> Path:
        """Made when somebody asks for it."""
        folder = self._homes / number
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def make(self, number: str, folder: str) -> None:
        """A folder below the seller's own. Raises ValueError when it would lie elsewhere."""
        self._inside(number, folder).mkdir(parents=True, exist_ok=True)

    def place(self, file: Path) -> tuple[str, str]:
        """Customer number, and the folder below it, of a file."""
        number, *below = file.parent.resolve().relative_to(self._homes.resolve()).parts
        return number, "/".join(below)

    def files(self, number: str, folder: str = "") -> dict[str, bytes]:
        """Name → content of what lies there now."""
        where = self._inside(number, folder)
        return {file.name: file.read_bytes() for file in sorted(where.glob("*")) if file.is_file()}

    def forget(self) -> None:
        shutil.rmtree(self._homes, ignore_errors=True)

    def _inside(self, number: str, folder: str) -> Path:
        home = self.home(number).resolve()
        wanted = (home / folder).resolve()
        if not wanted.is_relative_to(home):
            raise ValueError(f"{folder!r} lies outside of the seller's folder.")
        return wanted
