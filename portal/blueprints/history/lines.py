"""The rows of the history as its table writes them: what rows share is looked up once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from portal.blueprints.history.labels import ACTIONS, booking_names
from portal.exports.history.rows import HistoryRow
from portal.web.addresses import pattern
from portal.web.templating import ago, moment, outside
from portal.web.wording import translator


class HistoryLine(NamedTuple):
    """In the order in which `history/_row.html` takes it apart."""

    row: HistoryRow
    key: str
    state: str
    """As readers know it."""
    url: str
    """Where the row is opened."""
    vehicle_url: str
    picture_url: str
    """Empty without a picture, as is the listing's without a listing."""
    listing_url: str
    created: str
    """For machines; `moment` is for people, `ago` for the eye."""
    moment: str
    ago: str
    action: str
    bookings: list[str]
    message: str
    """The first line of the feedback."""


def history_lines(rows: Iterable[HistoryRow]) -> Iterator[HistoryLine]:
    return map(LineWriter().line, rows)


class LineWriter:
    """For the rows of one page, in the reader's language, as seen from one moment."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)
        self._translate = translator()
        self._actions = {str(key): str(text) for key, text in ACTIONS.items()}
        self._url = pattern("history.transfer", "activation_id", "transfer_id")
        self._vehicle_url = pattern("vehicles.edit", "vehicle_id")
        self._picture_url = pattern("vehicles.thumbnail", "vehicle_id", "image_id", size="small")
        self._moments: dict[int, str] = {}
        self._ago: dict[int, str] = {}

    def line(self, row: HistoryRow) -> HistoryLine:
        key, vehicle = str(row.id), str(row.vehicle_id)
        return HistoryLine(
            row=row,
            key=key,
            state=row.shown,
            url=self._url.format(row.activation_id, key),
            vehicle_url=self._vehicle_url.format(vehicle),
            picture_url=self._picture_url.format(vehicle, row.image_id) if row.image_id else "",
            listing_url=outside(row.url),
            created=row.created_at.isoformat(),
            moment=self._moment(row.created_at),
            ago=self._since(row.created_at),
            action=self._actions.get(row.action, "–"),
            bookings=booking_names(row.app, row.bookings) if row.bookings else [],
            message=self._translate(row.message) if row.feedback else "",
        )

    def _moment(self, at: datetime) -> str:
        """Exact to the minute, and a page shows many moments of one minute."""
        minute = int(at.timestamp()) // 60
        if minute not in self._moments:
            self._moments[minute] = moment(at)
        return self._moments[minute]

    def _since(self, at: datetime) -> str:
        minutes = int(abs(self._now - at).total_seconds()) // 60
        key = minutes if at <= self._now else -1 - minutes
        if key not in self._ago:
            self._ago[key] = ago(at, self._now)
        return self._ago[key]
