"""AutoScout24's references and makes: fetched, cached for a day, and searched by our labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from portal.platforms.autoscout24.fields import TYPES
from portal.platforms.autoscout24.vocabulary import BODY_WORDS
from portal.platforms.common.http import Http, Reply
from portal.platforms.common.makes import MAKE_ALIASES, MODEL_ALIASES
from portal.platforms.common.matching import NO_ALIASES, NameAliases, ReferenceNames, plain, reference_names
from portal.platforms.contract import ReferenceStore, ReferenceUnavailable

OTHER_MODEL = "Andere"
"""German for the model that stands for all others; other languages are found by their aliases."""
GERMANY = {"culture": "de-DE", "marketplace": "de"}
Fetch = Callable[[str], Reply]
T = TypeVar("T")


def fetch_with(connect: Callable[[], Http]) -> Fetch:
    """Fetch lists over a connection of their own: they are read rarely."""

    def fetch(path: str) -> Reply:
        with connect() as http:
            return http.get(path)

    return fetch


class AutoScout24Reference:
    """All lists a mapping asks for, each for one type of vehicle. Makes and models must be readable, or
    ReferenceUnavailable is raised; of other references the documented ids are believed."""

    def __init__(self, references: ReferenceStore, fetch: Fetch) -> None:
        self._references = references
        self._fetch = fetch
        self._lists: dict[str, ReferenceNames | None] = {}
        self._memory: dict[Hashable, Any] = {}

    def makes(self, kind: str) -> ReferenceNames:
        return self._required(f"makes/{kind}", MAKE_ALIASES, lambda: self._read_makes(kind))

    def models(self, kind: str, make: str) -> ReferenceNames:
        return self._required(f"models/{kind}/{make}", MODEL_ALIASES, lambda: self._read_models(kind, make))

    def offered(self, listed: str, kind: str, value: str) -> bool:
        """Whether an id may be sent for this type; what cannot be read is believed."""
        found = self._list(f"references/{listed}/{kind}", lambda: self._read_references(listed))
        return not found or value in found

    def key(self, listed: str, kind: str, label: str) -> str | None:
        """The id behind a label of the platform's own list."""
        found = self._list(f"references/{listed}/{kind}", lambda: self._read_references(listed))
        return found.key(label) if found else None

    def body(self, kind: str, label: str) -> str | None:
        """By the platform's own list, else by the first word of ours in the label."""
        return self._remember(("body", kind, label), lambda: self._find_body(kind, label))

    def _find_body(self, kind: str, label: str) -> str | None:
        if not label:
            return None
        if key := self.key("BodyType", kind, label):
            return key
        spelled = plain(label)
        words = (value for word, value in BODY_WORDS[kind] if word in spelled)
        return next((value for value in words if self.offered("BodyType", kind, value)), None)

    def _remember(self, place: Hashable, find: Callable[[], T]) -> T:
        """The result of a search, made once: the same labels come with thousands of vehicles."""
        if place not in self._memory:
            self._memory[place] = find()
        found: T = self._memory[place]
        return found

    def _required(self, path: str, names: NameAliases, read: Callable[[], bool]) -> ReferenceNames:
        found = self._list(path, read, names)
        if found is None:
            raise ReferenceUnavailable(f"AutoScout24: Referenzliste {path} ist nicht lesbar")
        return found

    def _list(
        self, path: str, read: Callable[[], bool], names: NameAliases = NO_ALIASES
    ) -> ReferenceNames | None:
        if path not in self._lists:
            pairs = self._references.get(path)
            if pairs is None:
                pairs = self._references.get(path) if read() else self._references.get_stale(path)
            self._lists[path] = None if pairs is None else reference_names(tuple(pairs), names)
        return self._lists[path]

    def _read_references(self, listed: str) -> bool:
        """One request, kept for each type of vehicle. False: not readable."""
        query = urlencode({"referenceType": listed, **GERMANY})
        entries = _entries(self._fetch(f"/references?{query}"), "references")
        if entries is None:
            return False
        # An entry that names no type of vehicle, or no country, holds for all.
        ours = [
            entry
            for entry in entries
            if entry.get("referenceType") in (None, listed)
            and "DE" in map(str.upper, _texts(entry.get("country")) or ["DE"])
        ]
        for kind in TYPES:
            pairs = [_pair(one) for one in ours if kind in (_texts(one.get("vehicleType")) or TYPES)]
            self._references.put(f"references/{listed}/{kind}", [pair for pair in pairs if pair])
        return True

    def _read_makes(self, wanted: str) -> bool:
        """One request for all makes; their models are read make by make, when they are needed."""
        entries = _entries(self._fetch(f"/makes?{urlencode(GERMANY)}"), "makes")
        if entries is None:
            return False
        for kind in TYPES:
            pairs = [_pair(one) for one in entries if kind in _texts(one.get("vehicleTypes"))]
            self._references.put(f"makes/{kind}", [pair for pair in pairs if pair])
        return bool(self._references.get(f"makes/{wanted}") is not None)

    def _read_models(self, kind: str, make: str) -> bool:
        entries = _entries(self._fetch(f"/makes?{urlencode({'makeId': make, **GERMANY})}"), "makes")
        found = next((one for one in entries or () if str(one.get("id")) == make), None)
        models = found.get("models") if found else None
        if not isinstance(models, list):
            return False
        pairs = [_pair(one) for one in models if isinstance(one, dict) and one.get("vehicleType") == kind]
        self._references.put(f"models/{kind}/{make}", [pair for pair in pairs if pair])
        return True


def _entries(reply: Reply, member: str) -> Sequence[dict[str, Any]] | None:
    body = reply.json() if reply.ok else None
    entries = body.get(member) if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return None
    return [entry for entry in entries if isinstance(entry, dict)]


def _pair(entry: dict[str, Any]) -> tuple[str, str] | None:
    key, name = entry.get("id"), entry.get("name")
    if isinstance(key, bool) or not isinstance(key, int | str) or not isinstance(name, str):
        return None
    return str(key), name


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
