"""Makes, models and energy labels: fetched, cached for a day, and searched by our labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from portal.messages import say
from portal.platforms.common.http import Http, Reply
from portal.platforms.common.makes import MAKE_ALIASES, MODEL_ALIASES
from portal.platforms.common.matching import NameAliases, ReferenceNames, reference_names
from portal.platforms.contract import Json, ReferenceStore, ReferenceUnavailable

DETECT = "/public/v1/vehicle-energy-efficiency/detect"
LARGEST_PAGE, MOST_PAGES = 2000, 50
Pairs = list[tuple[str, str]]
Ask = Callable[[str, Any], Reply]
"""A path, and the body of a question."""
T = TypeVar("T")


def ask_with(connect: Callable[[], Http], dumps: Callable[[Any], bytes]) -> Ask:
    """Over a connection of their own: lists are read rarely."""

    def ask(path: str, body: Any = None) -> Reply:
        with connect() as http:
            return http.get(path) if body is None else http.send("POST", path, dumps(body))

    return ask


class AutoScout24ChReference:
    """Makes and models must be readable, or ReferenceUnavailable is raised; an energy label need not."""

    def __init__(self, references: ReferenceStore, ask: Ask) -> None:
        self._references = references
        self._ask = ask
        self._lists: dict[str, ReferenceNames] = {}
        self._memory: dict[Hashable, Any] = {}

    def makes(self, category: str) -> ReferenceNames:
        return self._required(f"makes/{category}", "/public/v1/makes", category, MAKE_ALIASES)

    def models(self, category: str, make: str) -> ReferenceNames:
        path = f"/public/v1/makes/key/{quote(make, safe='')}/models"
        return self._required(f"models/{category}/{make}", path, category, MODEL_ALIASES)

    def energy(self, certificate: str, group: str) -> dict[str, str]:
        """What the platform finds to a type certificate: `energyLabel`, `co2Emission`, …; empty for none."""
        key = f"energy/{certificate}/{group}"
        found = self._references.get(key)
        if found is None:
            question = {"certificationNumber": certificate}
            reply = self._ask(DETECT, question | ({"transmissionTypeGroup": group} if group else {}))
            body = reply.json() if reply.ok else None
            if not isinstance(body, dict) and reply.status not in (400, 404, 422):
                return dict(self._references.get_stale(key) or ())
            stated = body if isinstance(body, dict) else {}
            found = tuple((name, str(value)) for name, value in stated.items() if value is not None)
            self._references.put(key, found)
        return dict(found)

    def remember(self, place: Hashable, find: Callable[[], T]) -> T:
        """The result of a search, made once: the same labels come with thousands of vehicles."""
        if place not in self._memory:
            self._memory[place] = find()
        found: T = self._memory[place]
        return found

    def _required(self, key: str, path: str, category: str, names: NameAliases) -> ReferenceNames:
        if key not in self._lists:
            pairs = self._references.get(key)
            if pairs is None:
                read = self._read(path, category)
                if read is not None:
                    self._references.put(key, read)
                pairs = self._references.get_stale(key) if read is None else tuple(read)
            if pairs is None:
                raise ReferenceUnavailable(
                    say("AutoScout24 Schweiz: Referenzliste {key} ist nicht lesbar", key=key)
                )
            self._lists[key] = reference_names(tuple(pairs), names)
        return self._lists[key]

    def _read(self, path: str, category: str) -> Pairs | None:
        """All pages. None: not readable as a whole."""
        found: Pairs = []
        given = 0
        for page in range(MOST_PAGES):
            query = urlencode({"vehicleCategory": category, "page": page, "size": LARGEST_PAGE})
            reply = self._ask(f"{path}?{query}", None)
            body = reply.json() if reply.ok else None
            content = body.get("content") if isinstance(body, dict) else None
            if not isinstance(content, list):
                return None
            for entry in content:
                key, name = (entry.get("key"), entry.get("name")) if isinstance(entry, dict) else ("", "")
                if isinstance(key, str) and key and isinstance(name, str):
                    found.append((key, name))
            given += len(content)
            if not isinstance(body, dict) or not content or _is_last(body, given):
                return found
        return None


def _is_last(page: Json, given: int) -> bool:
    """As the page says it, else by the number of all entries; one that says neither is alone."""
    last, total = page.get("last"), page.get("totalElements")
    if isinstance(last, bool):
        return last
    return not isinstance(total, int) or given >= total
