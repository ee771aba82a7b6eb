"""The preview as the pages show it: built from what stands in the form, saved or not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _

from portal.blueprints.store.checking import check_customer, runtime
from portal.blueprints.store.form import Entries
from portal.exports.dispatch.preview import Preview, preview, stored_releases
from portal.exports.planning.cases import Release, rules_of
from portal.exports.stock_files.build import file_surroundings, preview_file
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import LIVE, ActivationState
from portal.platforms.contract import Account, ExportApp, ReferenceUnavailable, Rules
from portal.platforms.contract.files import FileSide
from portal.vehicles.release import preset_vehicle_ids
from portal.web.access import current_dealer
from portal.web.wording import translated


@dataclass(frozen=True)
class Shown:
    """The preview, or why there is none."""

    preview: Preview | None = None
    reason: str = ""


def build(app: ExportApp, entries: Entries, activation: Activation | None = None) -> Shown:
    """What saving these entries would send. `activation`: the dealer's row for it, where there is one."""
    if entries.location_id is None:
        return Shown(reason=_("Die Vorschau folgt, sobald ein Standort gewählt ist."))
    account = _account(app, entries, activation)
    dealer, engine = current_dealer(), runtime()
    rules = rules_of(dealer)
    if app.file is not None:
        return _of_file(app.file, _candidate(app, entries, dealer.id, activation), account, rules, activation)
    try:
        mapper = engine.platform(app.slug).mapper(entries.settings, account, rules, engine.stores(app.slug))
    except ReferenceUnavailable:
        name = translated(app.name)
        text = _("Zurzeit ist keine Vorschau möglich: %(app)s ist nicht zu erreichen.", app=name)
        return Shown(reason=text)
    candidate = _candidate(app, entries, dealer.id, activation)
    releases = _releases(candidate, activation)
    return Shown(preview(db.session(), candidate, mapper, rules, app.labels, releases))


def _of_file(
    side: FileSide, candidate: Activation, account: Account, rules: Rules, activation: Activation | None
) -> Shown:
    """What the next file would hold."""
    portal_url = runtime().settings.portal_url
    around = file_surroundings(db.session(), candidate, portal_url)
    writer = side.writer(candidate.settings, account, rules, around)
    releases = _releases(candidate, activation)
    return Shown(preview_file(db.session(), candidate, writer, rules, releases))


def _account(app: ExportApp, entries: Entries, activation: Activation | None) -> Account:
    """The account as the platform knows it; without it the preview goes by the usual limits."""
    if activation is not None and activation.account:
        return Account.from_json(activation.account)
    if entries.customer_number:
        check = check_customer(app.slug, entries.customer_number)
        if check.account is not None:
            return check.account
    return Account(entries.customer_number, "")


def _candidate(
    app: ExportApp, entries: Entries, dealer_id: UUID, activation: Activation | None
) -> Activation:
    """The activation as it would be; it never gets into the session."""
    return Activation(
        id=activation.id if activation else None,
        dealer_id=dealer_id,
        app=app.slug,
        customer_number=entries.customer_number,
        location_id=entries.location_id,
        settings=dict(entries.settings),
        state=ActivationState.ACTIVE,
    )


def _releases(candidate: Activation, activation: Activation | None) -> dict[UUID, Release]:
    """What is released already, and before the activation also what its presets would release."""
    stored = stored_releases(db.session(), activation.id) if activation else {}
    if activation is not None and activation.state in LIVE:
        return stored
    preset = preset_vehicle_ids(db.session(), candidate)
    return dict.fromkeys(preset, Release(released=True)) | stored
