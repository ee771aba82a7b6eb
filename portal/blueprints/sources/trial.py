"""Trying a source out before it is saved: which step works, which server answers, is the file there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import current_app

from portal.blueprints.sources.forms import SourceEntries
from portal.delivery import HostKey, StepResult, test_reading
from portal.exports.stock_files.target import all_passed, egress_policy
from portal.extensions import db
from portal.mandate import demand_dealer
from portal.models import StockSource
from portal.sources.settings import receiver_of, target_of
from portal.web import audit


@dataclass(frozen=True)
class SourceTrial:
    """`host_key` is what the server showed and nobody has confirmed yet."""

    steps: Sequence[StepResult]
    host_key: HostKey | None = None
    changed: bool = False
    """Another key was confirmed before."""
    note: str = ""

    @property
    def worked(self) -> bool:
        return all_passed(self.steps)


def try_out_source(
    entries: SourceEntries, source: StockSource | None, stored: Mapping[str, str]
) -> SourceTrial:
    """As a pick-up would do it, with what stands in the form; nothing is written at the server. On record."""
    demand_dealer(db.session())
    target = target_of(entries.settings, entries.chosen_secrets(stored), entries.host_key)
    source_id = source.id if source else None
    # No connection to the database is held while the server is asked.
    db.session.rollback()
    steps = test_reading(target, egress_policy(current_app.extensions["settings"]))
    shown = next((step.host_key for step in steps if step.host_key is not None), None)
    unknown = shown is not None and shown.pin != entries.host_key
    trial = SourceTrial(steps, shown if unknown else None, changed=unknown and bool(entries.host_key))
    _record(entries, source_id, trial)
    return trial


def _record(entries: SourceEntries, source_id: UUID | None, trial: SourceTrial) -> None:
    """Who had the portal connect to where."""
    audit.log_action(
        "source.tested",
        source_id,
        entries.name,
        transport=str(entries.settings.get("transport", "")),
        host=receiver_of(entries.settings),
        worked=trial.worked,
    )
    db.session.commit()
