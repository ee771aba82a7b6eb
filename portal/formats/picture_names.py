"""What the name of a file in an archive says: whose picture it is, and at which place.

mobile.de's way is `<name>_<place>.jpg`. Other systems write `<name>-<place>`, `<name> (<place>)`,
`<name>/<place>` with a folder for each vehicle, or the name alone. Those are looked at only where the first
names nobody, and count only where they can mean one vehicle.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator

from portal.formats.decoding import DOS, decode

NAMES_ARE_UTF_8 = 0x800
PICTURE = re.compile(
    r"(?P<stem>.*)\.(?:jpe?g?|jfif|png|webp|hei[cf]|avif|gif|tiff?|bmp)", re.IGNORECASE | re.DOTALL
)
"""Also formats that are refused: so the report says why the picture is missing."""
_USUAL = re.compile(r"(?P<name>.+)_(?P<place>\d{1,4})", re.DOTALL)
_LOOSE = re.compile(
    r"(?P<name>.+?)(?: ?[-_. ] ?(?P<place>\d{1,4})| ?[-_.]? ?\((?P<counted>\d{1,4})\))", re.DOTALL
)
_PLACE = re.compile(r"\d{1,4}")
Reading = tuple[str, int]
"""A name, and the place of the picture among those of that name."""


def path_of(entry: zipfile.ZipInfo) -> str:
    """As its archive means it: programs of Windows part folders by backslashes and write the code page of
    their console, those of macOS write UTF-8 without saying so, and letters apart from their dots."""
    name = entry.filename
    if not entry.flag_bits & NAMES_ARE_UTF_8 and not name.isascii():
        name, _ = decode(name.encode("cp437", "replace"), DOS)
    return unicodedata.normalize("NFC", name).replace("\\", "/")


class KnownNames:
    """What pictures may be called by, however it is written."""

    def __init__(self, names: Iterable[str]) -> None:
        exact = {unicodedata.normalize("NFC", name): name for name in names if name}
        self._names = {name.casefold(): known for name, known in exact.items()} | exact

    def meant_by(self, path: str) -> Reading | None:
        """The one name, and the place, that a picture's path means."""
        folder, stem = _parted(path)
        usual = _USUAL.fullmatch(stem)
        if usual and (found := self._known((usual["name"], int(usual["place"])))):
            return found
        possible = {found[0]: found for found in map(self._known, _others(folder, stem)) if found}
        return next(iter(possible.values())) if len(possible) == 1 else None

    def _known(self, reading: Reading) -> Reading | None:
        name, place = reading
        known = self._names.get(name) or self._names.get(name.casefold())
        return (known, place) if known else None


def _parted(path: str) -> tuple[str, str]:
    """The folder that a picture lies in, and its name without the suffix."""
    folders, _, last = path.rpartition("/")
    suffixed = PICTURE.fullmatch(last)
    return folders.rpartition("/")[2], suffixed["stem"] if suffixed else last


def _others(folder: str, stem: str) -> Iterator[Reading]:
    """What a picture may mean that is not named in mobile.de's way."""
    yield stem, 0
    if loose := _LOOSE.fullmatch(stem):
        yield loose["name"], int(loose["place"] or loose["counted"])
    if _PLACE.fullmatch(stem):
        yield folder, int(stem)
