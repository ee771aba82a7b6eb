"""Secret settings on their way: from the form into the vault, never back into a page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app
from sqlalchemy import select

from portal.blueprints.store.form import Entries
from portal.extensions import db
from portal.models import Activation
from portal.security.vault import Sealed, Vault


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def stored(activation: Activation | None) -> dict[str, str]:
    """The opened secrets of an activation; none where they cannot be opened."""
    if activation is None or activation.id is None:
        return {}
    sealed = db.session.scalar(select(Activation.secrets).where(Activation.id == activation.id))
    try:
        return _vault().open(activation.id, sealed or "")
    except Sealed:
        return {}


def chosen(entries: Entries, before: Mapping[str, str]) -> dict[str, str]:
    """What holds from now on: what was typed, and what is kept."""
    kept = {name: before[name] for name in entries.kept if name in before}
    return kept | dict(entries.secrets)


def keep(activation: Activation, entries: Entries) -> bool:
    """Seal them with the activation; False when nothing changed."""
    before = stored(activation)
    after = chosen(entries, before)
    changed = after != before or activation.host_key != entries.host_key
    if after != before:
        activation.secrets = _vault().seal(activation.id, after)
    activation.host_key = entries.host_key
    return changed
