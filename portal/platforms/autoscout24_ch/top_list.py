"""The top list: booked once for each wish. It costs money and ends by itself, so whoever only changes a
price must not book it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from portal.messages import say
from portal.platforms.autoscout24_ch import answers, errors
from portal.platforms.autoscout24_ch.mapping_offer import TOP_LIST
from portal.platforms.common.http import Http
from portal.platforms.contract import Exchange, Feedback, Gone, Outcome, ReferenceStore, Rejected, Retry, Stop

ASKED, BOOKED = "asked", "booked"
NOT_DONE = (429, 503)
SETTLED = timedelta(minutes=10)
"""After so long a booking without an answer is not carried out any more."""
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
        elif (wait := self._still_open()) > 0:
            text = say("Die Buchung der Top-Liste ist von AutoScout24 Schweiz noch nicht bestätigt")
            booked.failure = Retry(text, after=wait)
        else:
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
        self._notes.put(self._note, ((ASKED, datetime.now(UTC).isoformat()),))
        reply = self._http.send("POST", f"{self._path}/book")
        booked.exchanges.append(reply.exchange)
        outcome = answers.trouble_with(reply)
        if outcome is None:
            self._notes.put(self._note, ((BOOKED, ""),))
            booked.runs = (TOP_LIST,)
        elif isinstance(outcome, (Rejected, Gone)):
            self._notes.put(self._note, ())
            booked.warnings.append(errors.NO_TOP_SLOT)
        elif isinstance(outcome, (Retry, Stop)):
            booked.failure = outcome
            if isinstance(outcome, Stop) or reply.status in NOT_DONE or not reply.connected:
                self._notes.put(self._note, ())

    def _still_open(self) -> float:
        """Seconds that one which was asked for without an answer may still be carried out, or is not shown
        yet: whoever books again pays twice."""
        found = self._notes.get_stale(self._note)
        asked = found[0][1] if found and found[0][0] == ASKED else ""
        if not asked:
            return 0.0
        return (datetime.fromisoformat(asked) + SETTLED - datetime.now(UTC)).total_seconds()

    def _noted(self) -> str:
        found = self._notes.get_stale(self._note)
        return found[0][0] if found else ""
