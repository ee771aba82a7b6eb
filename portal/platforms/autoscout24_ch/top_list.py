"""The top list: booked once for each wish. It costs money and ends by itself, so whoever only changes a
price must not book it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.platforms.autoscout24_ch import answers, errors
from portal.platforms.autoscout24_ch.mapping_offer import TOP_LIST
from portal.platforms.common.http import Http
from portal.platforms.contract import Exchange, Feedback, Gone, Outcome, ReferenceStore, Rejected, Retry, Stop
from portal.translations.message import say

ASKED, BOOKED = "asked", "booked"
ENDED = Feedback(
    "top-list-ended",
    say("Die Top-Liste ist abgelaufen und wird nicht von selbst neu gebucht. Kreuzen Sie sie dafür neu an."),
    "bookings",
)


@dataclass
class Booked:
    """None: the platform was not asked."""

    runs: tuple[str, ...] | None = None
    warnings: list[Feedback] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    failure: Outcome | None = None


class TopList:
    """That of one listing; what was booked for it is noted where all processes see it."""

    def __init__(self, http: Http, notes: ReferenceStore, listing: str) -> None:
        self._http = http
        self._notes = notes
        self._note = f"top-list{listing}"
        self._path = f"{listing}/features/top-list"

    def wish(self, *, wanted: bool) -> Booked:
        booked = Booked()
        if not wanted:
            if self._noted():
                self._notes.put(self._note, ())
            return booked
        if self._runs(booked) or booked.failure:
            return booked
        if self._noted() == BOOKED:
            booked.warnings.append(ENDED)
            return booked
        self._book(booked)
        return booked

    def _runs(self, booked: Booked) -> bool:
        reply = self._http.get(self._path)
        booked.exchanges.append(reply.exchange)
        body = reply.json() if reply.ok else None
        state = body.get("booked") if isinstance(body, dict) else None
        if not isinstance(state, bool):
            booked.failure = (
                Retry(answers.NONSENSE)
                if reply.ok
                else answers.failed(reply, missing=Retry(answers.NONSENSE))
            )
            return False
        booked.runs = (TOP_LIST,) if state else ()
        if state:
            self._notes.put(self._note, ((BOOKED, ""),))
        return state

    def _book(self, booked: Booked) -> None:
        self._notes.put(self._note, ((ASKED, ""),))
        reply = self._http.send("POST", f"{self._path}/book")
        booked.exchanges.append(reply.exchange)
        if answers.silent(reply):
            self._notes.put(self._note, ((BOOKED, ""),))
            booked.runs = (TOP_LIST,)
            return
        outcome = Retry(answers.NONSENSE) if reply.ok else answers.failed(reply, missing=Gone())
        if isinstance(outcome, (Rejected, Gone)):
            self._notes.put(self._note, ())
            booked.warnings.append(errors.NO_TOP_SLOT)
        elif isinstance(outcome, (Retry, Stop)):
            booked.failure = outcome

    def _noted(self) -> str:
        found = self._notes.get_stale(self._note)
        return found[0][0] if found else ""
