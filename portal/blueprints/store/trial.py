"""Trying out a connection before it is needed: which step works, and which server answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from portal.blueprints.store import secrets
from portal.blueprints.store.form import Entries
from portal.delivery import HostKey, StepResult, Target
from portal.exports.stock_files.target import Artifact, all_passed, egress_policy, target_of, transport_of
from portal.exports.stock_files.target import try_connection as connect
from portal.extensions import db
from portal.models import Activation
from portal.platforms.contract import ExportApp
from portal.platforms.contract.files import Transport
from portal.web.access import current_dealer

SERVER = ("transport", "host", "port")
"""Settings that say which server it is: with another one the key has to be looked at again."""


@dataclass(frozen=True)
class Trial:
    """`host_key` is what the server showed and nobody has confirmed yet."""

    steps: Sequence[StepResult] = ()
    host_key: HostKey | None = None
    changed: bool = False
    """Another key was confirmed before."""
    note: str = ""

    @property
    def worked(self) -> bool:
        return bool(self.steps) and all_passed(self.steps)


def transport(app: ExportApp, entries: Entries) -> Transport | None:
    return transport_of(entries.settings, app.file.transports) if app.file else None


def try_out(app: ExportApp, entries: Entries, activation: Activation | None = None) -> Trial:
    """Connect as the engine would; a tiny file is written and removed again."""
    way = transport(app, entries)
    if way is None or way == Transport.PULL:
        return Trial(note=_("Die Datei wird abgerufen: Es gibt keine Verbindung, die zu testen wäre."))
    target = _target(way, entries, activation)
    db.session.rollback()
    steps = connect(target, egress_policy(current_app.extensions["settings"]))
    shown = next((step.host_key for step in steps if step.host_key is not None), None)
    unknown = shown is not None and shown.pin != entries.host_key
    return Trial(steps, shown if unknown else None, changed=unknown and bool(entries.host_key))


def _target(way: Transport, entries: Entries, activation: Activation | None) -> Target:
    settings = dict(entries.settings) | secrets.chosen(entries, secrets.stored(activation))
    name = settings.get("file_name") or f"{entries.customer_number or 'bestand'}.csv"
    parcel = Artifact(name, dealer_name=current_dealer().name)
    return target_of(current_app.extensions["settings"], way, settings, parcel, entries.host_key)


def unconfirmed(app: ExportApp, entries: Entries, activation: Activation | None = None) -> dict[str, str]:
    """An error beside the server's name where nobody has looked at its key yet."""
    if transport(app, entries) != Transport.SFTP:
        return {}
    if not entries.host_key:
        text = _("Testen Sie die Verbindung und bestätigen Sie den Schlüssel, den der Server zeigt.")
        return {"host": text}
    moved = activation is not None and any(
        (activation.settings.get(name) or None) != (entries.settings.get(name) or None) for name in SERVER
    )
    if moved and activation is not None and activation.host_key == entries.host_key:
        text = _("Der Server ist ein anderer. Testen Sie die Verbindung und bestätigen Sie seinen Schlüssel.")
        return {"host": text}
    return {}
