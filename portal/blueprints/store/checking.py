"""What is asked of a platform while a dealer waits: his account, what would be sent, a trial connection."""

from __future__ import annotations

import re

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import sessionmaker

from portal.blueprints.store.form import field_of_type
from portal.exports.core.runtime import Runtime
from portal.exports.lifecycle import customer_numbers
from portal.extensions import db
from portal.platforms import APPS, get_app
from portal.platforms.contract import Account, CustomerCheck, ExportApp
from portal.web.access import current_dealer


def runtime() -> Runtime:
    """The engine's view of this process."""
    return Runtime(
        settings=current_app.extensions["settings"],
        engine=db.engine,
        sessions=sessionmaker(db.engine),
        ring=current_app.extensions["ring"],
        vault=current_app.extensions["vault"],
    )


def check_customer(slug: str, number: str) -> CustomerCheck:
    """Whether the dealer may use this number, and what the platform says of it.

    Of a number that nobody vouched for nothing is told, not even whether it exists. A file app has nobody
    to ask: the form of the number is all that can be checked. The database connection is given back while a
    platform is asked.
    """
    app = get_app(slug)
    formed = _by_its_form(app, number)
    if formed.status != "ok" or (app.kind == "file" and _may_use(app, number)):
        return formed
    if not _may_use(app, number):
        return _not_bound(app)
    db.session.rollback()
    return runtime().platform(slug).check_customer(number)


def _may_use(app: ExportApp, number: str) -> bool:
    """Bound to the dealer, or bound just now because the platform's master data name them.

    The platform is asked for every number that is not theirs, whoever else has it: neither the answer nor
    the time it takes tells more than that.
    """
    if not customer_numbers.has_owner(app) or _is_bound(app, number):
        return True
    dealer, account = current_dealer(), _master_data(app, number)
    if account is None:
        return False
    bound = customer_numbers.bind_by_master_data(db.session(), app, dealer, account)
    db.session.commit()
    return bound or _is_bound(app, account.customer_number)


def _is_bound(app: ExportApp, number: str) -> bool:
    return customer_numbers.owner_of(db.session(), app.platform, number) == current_dealer().id


def _master_data(app: ExportApp, number: str) -> Account | None:
    """What the platform says of the company behind a number; also for a file app, by its platform's API."""
    asked = APPS.get(app.platform)
    if asked is None or asked.connect is None:
        return None
    db.session.rollback()
    return runtime().platform(asked.slug).find_account(number)


def _not_bound(app: ExportApp) -> CustomerCheck:
    name = _("Diese Nummer ist noch nicht für Sie freigeschaltet.")
    hint = _("Bitten Sie den Betreiber darum. Er prüft, ob es Ihre Nummer bei %(app)s ist.", app=app.name)
    return CustomerCheck("not_bound", f"{name} {hint}")


def _by_its_form(app: ExportApp, number: str) -> CustomerCheck:
    name = field_of_type(app, "customer_number")
    setting = next((one for one in app.fields if one.name == name), None)
    if setting is not None and setting.pattern and not re.fullmatch(setting.pattern, number):
        return CustomerCheck("unknown", setting.pattern_text)
    return CustomerCheck("ok", _("Die Angabe hat die richtige Form."), Account(number, ""))
