"""Trying a source out before it is saved: which step works, which server answers, is the file there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from portal.blueprints.sources.forms import SourceEntries
from portal.delivery import test_reading
from portal.exports.stock_files.target import egress_policy
from portal.extensions import db
from portal.mandate import demand_dealer
from portal.models import StockSource
from portal.sources.settings import receiver_of, target_of
from portal.web import audit
from portal.web.targets import Trial, chosen_secrets, trial_of


def try_out_source(entries: SourceEntries, source: StockSource | None, stored: Mapping[str, str]) -> Trial:
    """As a pick-up would do it, with what stands in the form; nothing is written at the server. It is on
    record who had the portal connect to where."""
    demand_dealer(db.session())
    secrets = chosen_secrets(entries.secrets, entries.kept, stored)
    target = target_of(entries.settings, secrets, entries.host_key)
    source_id = source.id if source else None
    # No connection to the database is held while the server is asked.
    db.session.rollback()
    steps = test_reading(target, egress_policy(current_app.extensions["settings"]))
    trial = trial_of(steps, entries.host_key)
    audit.log_action(
        "source.tested",
        source_id,
        entries.name,
        transport=str(entries.settings.get("transport", "")),
        host=receiver_of(entries.settings),
        worked=trial.worked,
    )
    db.session.commit()
    return trial
