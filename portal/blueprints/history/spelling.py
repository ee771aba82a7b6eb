"""The words and moments of many rows: what rows share is looked up once for all of them."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.blueprints.history import labels
from portal.exports.history import HistoryRow
from portal.web.templating import ago, moment
from portal.web.wording import translated


class Spelling:
    """For the rows of one page, in the reader's language, as seen from one moment."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)
        self._actions = {str(key): str(text) for key, text in labels.ACTIONS.items()}
        self._moments: dict[int, str] = {}
        self._ago: dict[int, str] = {}

    def action(self, row: HistoryRow) -> str:
        return self._actions.get(row.action, "–")

    def bookings(self, row: HistoryRow) -> list[str]:
        return labels.booking_names(row.app, row.bookings) if row.bookings else []

    def message(self, row: HistoryRow) -> str:
        return translated(row.message) if row.feedback else ""

    def moment(self, at: datetime) -> str:
        """Exact to the minute, and a page shows many moments of one minute."""
        minute = int(at.timestamp()) // 60
        if minute not in self._moments:
            self._moments[minute] = moment(at)
        return self._moments[minute]

    def ago(self, at: datetime) -> str:
        minutes = int(abs(self._now - at).total_seconds()) // 60
        key = minutes if at <= self._now else -1 - minutes
        if key not in self._ago:
            self._ago[key] = ago(at, self._now)
        return self._ago[key]
