"""mobile.de's reference data: fetched, cached, and searched by our labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from portal.platforms.common.http import Reply
from portal.platforms.common.makes import MAKE_ALIASES, MODEL_ALIASES
from portal.platforms.common.matching import (
    NO_ALIASES,
    NameAliases,
    Pairs,
    ReferenceNames,
    colour_in,
    reference_names,
    tight,
)
from portal.platforms.contract import ReferenceStore, ReferenceUnavailable
from portal.platforms.mobile_de import reference_xml
from portal.platforms.mobile_de.transport import MobileDeHttp
from portal.platforms.mobile_de.vocabulary import COLOUR_WORDS, ENUMS

OTHER_MODEL = "OTHER"
VAT_RATES = "sites/GERMANY/vatrates"
GERMAN = {"Accept-Language": "de"}
XML, NOT_ACCEPTABLE = "application/xml", 406
"""Clients are answered in JSON, the operator's page names XML alone: JSON is asked for first."""
Fetch = Callable[[str], Reply]
T = TypeVar("T")


def fetch_with(connect: Callable[[], MobileDeHttp]) -> Fetch:
    """Fetch lists over a connection of their own: they are read rarely."""

    def fetch(path: str) -> Reply:
        with connect() as http:
            reply = http.get(path, GERMAN, public=True)
            if reply.status == NOT_ACCEPTABLE:
                reply = http.get(path, {**GERMAN, "Accept": XML}, public=True)
            return reply

    return fetch


class MobileDeReference:
    """All lists a mapping asks for. Makes and models must be readable, or ReferenceUnavailable is
    raised; enumerations fall back to their documented values."""

    def __init__(self, references: ReferenceStore, fetch: Fetch) -> None:
        self._references = references
        self._fetch = fetch
        self._lists: dict[str, ReferenceNames] = {}
        self._values: dict[tuple[str, str], str | None] = {}
        self._memory: dict[Hashable, Any] = {}

    def makes(self, vehicle_class: str) -> ReferenceNames:
        return self._required(f"classes/{vehicle_class}/makes", MAKE_ALIASES)

    def models(self, vehicle_class: str, make: str) -> ReferenceNames:
        return self._required(f"classes/{vehicle_class}/makes/{quote(make, safe='')}/models", MODEL_ALIASES)

    def enum(self, path: str) -> ReferenceNames:
        """A list of the platform, or its documented values where the platform offers none."""
        if path not in self._lists:
            pairs, _ = self._pairs(path)
            self._lists[path] = reference_names(tuple(pairs or ENUMS.get(path, ())))
        return self._lists[path]

    def value(self, path: str, documented: str) -> str | None:
        """The platform's key for a documented value; None when it does not offer it."""
        place = (path, documented)
        if place not in self._values:
            self._values[place] = self._find(path, documented)
        return self._values[place]

    def by_documented_label(self, path: str, label: str) -> str | None:
        """The platform's key for a value that we know under a German label of our own."""
        documented = reference_names(tuple(ENUMS.get(path, ()))).key(label)
        return self.value(path, documented) if documented else None

    def colour(self, path: str, label: str) -> str | None:
        """The whole label first, then the colour that it names."""
        return self._remember((path, label), lambda: self._find_colour(path, label))

    def vat_rate(self, rate: Decimal) -> str | None:
        """The offered key for a rate: `19.00`, however the list spells it."""
        return self._remember(("vat", rate), lambda: self._find_vat_rate(rate))

    def _remember(self, place: Hashable, find: Callable[[], T]) -> T:
        """The result of a search, made once: the same labels come with thousands of vehicles."""
        if place not in self._memory:
            self._memory[place] = find()
        found: T = self._memory[place]
        return found

    def _find_colour(self, path: str, label: str) -> str | None:
        if key := self.enum(path).key(label):
            return key
        documented = colour_in(label, COLOUR_WORDS)
        return self.value(path, documented) if documented else None

    def _find_vat_rate(self, rate: Decimal) -> str | None:
        offered = self.enum(VAT_RATES)
        if (spelled := f"{rate:.2f}") in offered:
            return spelled
        for key, _ in offered.pairs:
            digits = key.strip().replace("%", "").replace(",", ".").strip()
            if digits.replace(".", "", 1).isdecimal() and Decimal(digits) == rate:
                return key
        return None

    def _find(self, path: str, documented: str) -> str | None:
        offered = self.enum(path)
        if documented in offered:
            return documented
        spelled = next((key for key, _ in offered.pairs if tight(key) == tight(documented)), None)
        label = dict(ENUMS.get(path, ())).get(documented)
        return spelled or (offered.key(label) if label else None)

    def _required(self, path: str, names: NameAliases = NO_ALIASES) -> ReferenceNames:
        if path not in self._lists:
            pairs, failed = self._pairs(path)
            if failed:
                raise ReferenceUnavailable(f"mobile.de: Referenzliste {path} ist nicht lesbar")
            self._lists[path] = reference_names(tuple(pairs), names)
        return self._lists[path]

    def _pairs(self, path: str) -> tuple[Pairs, bool]:
        """The list and whether it could not be had at all. A list the platform does not offer is
        empty, and remembered as such."""
        url = f"/refdata/{path}"
        cached = self._references.get(url)
        if cached is not None:
            return cached, False
        fresh = read_list(self._fetch(url))
        if fresh is not None:
            self._references.put(url, fresh)
            return fresh, False
        stale = self._references.get_stale(url)
        return (stale, False) if stale is not None else ((), True)


def read_list(reply: Reply) -> Pairs | None:
    """(key, label) pairs of an answer; None when it is not readable."""
    if reply.status == 404:
        return ()
    if reply.ok and reply.body.lstrip()[:5] in (b"<?xml", b"<refe"):
        return reference_xml.read_list(reply.body)
    body = reply.json() if reply.ok else None
    entries = body.get("values") if isinstance(body, dict) else body
    if not isinstance(entries, list):
        return None
    pairs = []
    for entry in entries:
        named = entry if isinstance(entry, dict) else {}
        key = named.get("name") or named.get("key")
        label = named.get("description") or named.get("label") or key
        if not (isinstance(key, str) and key and isinstance(label, str)):
            return None
        pairs.append((key, label))
    return tuple(pairs)
