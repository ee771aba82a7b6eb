"""What a listing shows beside what it should show, where an update did not get there. Asks no platform."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from portal.audit.differences import differences
from portal.exports.core.runtime import DatabaseReferences, ReferenceValues, Runtime
from portal.exports.planning.cases import load_cases, rules_of
from portal.models.exports import Activation, Listing
from portal.platforms import get_app, source_of
from portal.platforms.contract import Account, Json, ReferenceUnavailable


class KeptReferences(DatabaseReferences):
    """Lists however old: what is not at hand is not fetched while somebody waits for a page."""

    def get(self, path: str) -> ReferenceValues:
        kept = self.get_stale(path)
        if kept is None:
            raise ReferenceUnavailable(path)
        return kept


def values_apart(runtime: Runtime, activation_id: UUID, vehicle_id: UUID) -> list[Json]:
    """Field differences like `Transfer.changes`: what is online (`old`), what is wanted (`new`). None where
    nobody knows what the platform holds, or where it gets a file."""
    with runtime.sessions() as session:
        activation = session.get_one(Activation, activation_id)
        app, rules = get_app(activation.app), rules_of(activation.dealer)
        here = (Listing.activation_id == activation_id, Listing.vehicle_id == vehicle_id)
        shown = session.scalar(select(Listing.sent_payload).where(*here))
        cases = load_cases(session, activation, rules, [vehicle_id])
        account, settings = Account.from_json(activation.account), activation.settings
    if app.file is not None or not shown or not cases:
        return []
    references = KeptReferences(runtime.sessions, source_of(app.slug, runtime.settings))
    stores = replace(runtime.stores(app.slug), references=references)
    try:
        wanted = runtime.platform(app.slug).mapper(settings, account, rules, stores)(cases[0].subject)
    except ReferenceUnavailable:
        return []
    return differences(shown, wanted.payload, app.labels)
