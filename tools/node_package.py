"""Tools that come as a package of npm: pinned below tools/, installed below var/, outside git."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LOCK = "package-lock.json"


@dataclass(frozen=True)
class NodePackage:
    """`name` is that of its folder; `package` that of the program's package in its package.json."""

    name: str
    package: str

    @property
    def pinned(self) -> Path:
        return Path(__file__).parent / self.name

    @property
    def folder(self) -> Path:
        return Path("var") / self.name

    @property
    def version(self) -> str:
        described = json.loads((self.pinned / "package.json").read_text())
        return str(described["devDependencies"][self.package])

    def program(self, name: str) -> Path:
        return self.folder / "node_modules/.bin" / name

    def install(self) -> None:
        installed, wanted = self.folder / LOCK, self.pinned / LOCK
        if (self.folder / "node_modules").exists() and installed.read_text() == wanted.read_text():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", LOCK):
            shutil.copy(self.pinned / file, self.folder / file)
        command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run(command, cwd=self.folder, check=True)
