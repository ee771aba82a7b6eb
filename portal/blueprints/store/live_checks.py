"""What is tried while a dealer waits: their account at the platform, a connection, a preview."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import sessionmaker

from portal.blueprints.store import forms
from portal.blueprints.store.forms import Entries, field_of_type
from portal.delivery import Target
from portal.exports import previews
from portal.exports.core.runtime import Runtime
from portal.exports.dispatch.preview import Preview
from portal.exports.lifecycle import customer_numbers
from portal.exports.stock_files.target import Artifact, egress_policy, target_of, transport_of
from portal.exports.stock_files.target import try_connection as connect
from portal.extensions import db
from portal.mandate import demand_dealer
from portal.messages import Wording
from portal.models import Activation, StockPreview
from portal.platforms import APPS
from portal.platforms.contract import Account, CustomerCheck, ExportApp, ReferenceUnavailable
from portal.platforms.contract.files import Transport
from portal.web import audit
from portal.web.access import current_dealer
from portal.web.targets import Trial, chosen_secrets, trial_of, unconfirmed_key
from portal.web.wording import translated


def runtime() -> Runtime:
    """The engine's view of this process."""
    return Runtime(
        settings=current_app.extensions["settings"],
        engine=db.engine,
        sessions=sessionmaker(db.engine),
        ring=current_app.extensions["ring"],
        vault=current_app.extensions["vault"],
    )


def check_customer(app: ExportApp, number: str) -> CustomerCheck:
    """Whether the dealer may use this number, and what the platform says of it.

    Of a number that nobody vouched for nothing is told, not even whether it exists. A file app has nobody
    to ask: the form of the number is all that can be checked. The database connection is given back while a
    platform is asked.
    """
    formed = _by_its_form(app, number)
    if formed.status != "ok" or (app.kind == "file" and _may_use(app, number)):
        return formed
    if not _may_use(app, number):
        name = _("Diese Nummer ist noch nicht für Sie freigeschaltet.")
        hint = _(
            "Bitten Sie den Betreiber darum. Er prüft, ob es Ihre Nummer bei %(app)s ist.",
            app=translated(app.name),
        )
        return CustomerCheck("not_bound", f"{name} {hint}")
    db.session.rollback()
    return app.api(current_app.extensions["settings"]).check_customer(number)


def _may_use(app: ExportApp, number: str) -> bool:
    """Bound to the dealer, or bound just now because the platform's master data name them.

    The platform is asked for every number that is not theirs, whoever else has it: neither the answer nor
    the time it takes tells more than that.
    """
    if not customer_numbers.has_owner(app) or _is_bound(app, number):
        return True
    dealer, account = current_dealer(), master_data(app.platform, number)
    if account is None:
        return False
    bound = customer_numbers.bind_by_master_data(db.session(), app, dealer, account)
    db.session.commit()
    return bound or _is_bound(app, account.customer_number)


def _is_bound(app: ExportApp, number: str) -> bool:
    return customer_numbers.owner_of(db.session(), app.platform, number) == current_dealer().id


def master_data(platform: str, number: str) -> Account | None:
    """What a platform says of the company behind a number, also where only its file app asks. The database
    connection is given back meanwhile."""
    asked = APPS.get(platform)
    if asked is None or asked.connect is None:
        return None
    db.session.rollback()
    return asked.api(current_app.extensions["settings"]).find_account(number)


def _by_its_form(app: ExportApp, number: str) -> CustomerCheck:
    name = field_of_type(app, "customer_number")
    setting = next((one for one in app.fields if one.name == name), None)
    if setting is not None and setting.pattern and not re.fullmatch(setting.pattern, number):
        return CustomerCheck("unknown", setting.pattern_text)
    return CustomerCheck("ok", _("Die Angabe hat die richtige Form."), Account(number, ""))


# Trying out a connection before it is needed: which step works, and which server answers.


def transport(app: ExportApp, entries: Entries) -> Transport | None:
    return transport_of(entries.settings, app.file.transports) if app.file else None


def try_out(app: ExportApp, entries: Entries, activation: Activation | None = None) -> Trial:
    """Connect as the engine would; a tiny file is written and removed again. Raises mandate.Refused."""
    demand_dealer(db.session())
    return _connect(app, entries, activation)


def try_stored(app: ExportApp, activation: Activation) -> Trial:
    """The same with what is stored already, which is sent there anyway."""
    entries = forms.of_activation(app, activation, forms.stored_secrets(activation))
    return _connect(app, entries, activation)


def _connect(app: ExportApp, entries: Entries, activation: Activation | None) -> Trial:
    way = transport(app, entries)
    if way is None or way == Transport.PULL:
        return Trial(note=_("Die Datei wird abgerufen: Es gibt keine Verbindung, die zu testen wäre."))
    stored, configured = forms.stored_secrets(activation), current_app.extensions["settings"]
    settings = dict(entries.settings) | chosen_secrets(entries.secrets, entries.kept, stored)
    name = settings.get("file_name") or f"{entries.customer_number or 'bestand'}.csv"
    parcel = Artifact(name, dealer_name=current_dealer().name)
    target = target_of(configured, way, settings, parcel, entries.host_key)
    db.session.rollback()
    steps = connect(target, egress_policy(configured))
    trial = trial_of(steps, entries.host_key)
    _record(app, target, trial, activation)
    return trial


def _record(app: ExportApp, target: Target, trial: Trial, activation: Activation | None) -> None:
    """Who had the portal connect to where."""
    # Of an address to upload to only the server: the rest may be a secret.
    receiver = urlsplit(target.url).hostname or target.recipient or target.host
    facts = {"transport": str(target.transport), "receiver": receiver, "worked": trial.worked}
    if activation is None:
        audit.log_action("activation.tested", None, translated(app.name), None, **facts)
    else:
        audit.log_activation("activation.tested", activation, **facts)
    db.session.commit()


def unconfirmed(app: ExportApp, entries: Entries, activation: Activation | None = None) -> dict[str, str]:
    """An error beside the server's name where nobody has looked at its key yet."""
    if transport(app, entries) != Transport.SFTP:
        return {}
    key_before = activation.host_key if activation else ""
    before = activation.settings if activation else None
    return unconfirmed_key(entries.host_key, entries.settings, key_before, before)


# The preview as the pages show it: built from what stands in the form, saved or not.


@dataclass(frozen=True)
class PreviewResult:
    """The preview, or why there is none. Of a large stock: what workers have found out so far (`running`), or
    when they did (`at`)."""

    preview: Preview | None = None
    reason: Wording = ""
    running: bool = False
    done: int = 0
    total: int = 0
    at: datetime | None = None


def build_preview(
    app: ExportApp, entries: Entries, activation: Activation | None = None, *, anew: bool = False
) -> PreviewResult:
    """What saving these entries would send. `activation`: the dealer's row for it, where there is one.

    A large stock is planned by workers; `anew` has them do it once more.
    """
    if entries.location_id is None:
        return PreviewResult(reason=_("Die Vorschau folgt, sobald ein Standort gewählt ist."))
    question = previews.PreviewQuestion(
        current_dealer().id,
        app.slug,
        entries.customer_number,
        entries.location_id,
        entries.settings,
        activation.id if activation else None,
    )
    if anew:
        previews.forget(db.session(), question)
    if found := previews.find(db.session(), question):
        return _shown(found)
    question = previews.with_account(question, _account(app, entries, activation))
    stock = previews.PlannedStock(runtime(), db.session(), question)
    if len(stock.vehicle_ids) > previews.PLANNED_AT_ONCE:
        found = previews.ask(db.session(), question, len(stock.vehicle_ids))
        db.session.commit()
        return _shown(found)
    try:
        return PreviewResult(stock.whole())
    except ReferenceUnavailable:
        name = translated(app.name)
        text = _("Zurzeit ist keine Vorschau möglich: %(app)s ist nicht zu erreichen.", app=name)
        return PreviewResult(reason=text)


def _shown(found: StockPreview) -> PreviewResult:
    if found.finished_at is None:
        return PreviewResult(running=True, done=found.done, total=found.total)
    if found.reason:
        return PreviewResult(reason=found.reason)
    return PreviewResult(Preview.from_json(found.found), at=found.finished_at)


def _account(app: ExportApp, entries: Entries, activation: Activation | None) -> Account:
    """The account as the platform knows it; without it the preview goes by the usual limits."""
    if activation is not None and activation.account:
        return Account.from_json(activation.account)
    if entries.customer_number:
        check = check_customer(app, entries.customer_number)
        if check.account is not None:
            return check.account
    return Account(entries.customer_number, "")
