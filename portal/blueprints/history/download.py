"""The history as a table for a spreadsheet: exactly what the filter lets through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.blueprints.history import labels
from portal.exports.history.pages import HistoryQuery, walk_rows
from portal.exports.history.rows import HistoryRow
from portal.messages import Wording
from portal.web.downloads import download_moment
from portal.web.states import TRANSFER_STATES
from portal.web.wording import translator


def header() -> list[str]:
    return [
        _("Zeit"),
        _("Fahrzeugnummer"),
        _("FIN"),
        _("Fahrzeug"),
        _("Aktion"),
        _("Ausgelöst durch"),
        _("Ergebnis"),
        _("Antwort"),
        _("Text der Plattform"),
        _("Zusatzbuchungen"),
        _("Inseratsnummer"),
        _("Inserat"),
        _("Händlernummer"),
        _("Standort"),
        _("Gesendet"),
        _("Abgeschlossen"),
        _("Vorgangsnummer"),
    ]


@dataclass(frozen=True)
class Words:
    """The labels in the reader's language, looked up before the first row leaves."""

    actions: dict[str, str]
    triggers: dict[str, str]
    states: dict[str, str]
    translate: Callable[[Wording | Mapping[str, Any]], str]

    def line(self, row: HistoryRow) -> list[str]:
        return [
            download_moment(row.created_at),
            row.offer_number,
            row.vin,
            row.title,
            self.actions.get(row.action, ""),
            self.triggers.get(row.trigger, row.trigger),
            self.states.get(row.shown, row.shown),
            _joined(self.translate(item.get("text", "")) for item in row.feedback),
            _joined(str(item.get("platform_text", "")) for item in row.feedback),
            _joined(map(self.translate, labels.booking_names(row.app, row.bookings))),
            row.listing_id or "",
            row.url or "",
            row.customer_number,
            row.location or "",
            download_moment(row.sent_at),
            download_moment(row.finished_at),
            str(row.id),
        ]


def words() -> Words:
    return Words(
        actions={key: str(label) for key, label in labels.ACTIONS.items()},
        triggers={key: str(label) for key, label in labels.TRIGGERS.items()},
        states={key: str(state.label) for key, state in TRANSFER_STATES.items()},
        translate=translator(),
    )


def lines(engine: Engine, query: HistoryQuery, words: Words) -> Iterator[list[str]]:
    """Read in chunks with a session of its own: the request's is gone when the last line leaves."""
    with Session(engine) as session:
        for rows in walk_rows(session, query):
            yield from map(words.line, rows)
            session.rollback()


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(text for text in texts if text)
