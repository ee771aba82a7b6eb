"""What is asked of a platform while a dealer waits: his account, what would be sent, a trial connection."""

from __future__ import annotations

import re

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import sessionmaker

from portal.blueprints.store.form import field_of_type
from portal.exports.core.runtime import Runtime
from portal.extensions import db
from portal.platforms import get_app
from portal.platforms.contract import Account, CustomerCheck, ExportApp


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
    """Ask the platform about an account. The database connection is given back meanwhile.

    A file app has nobody to ask: the form of the number is all that can be checked.
    """
    app = get_app(slug)
    if app.kind == "file":
        return _by_its_form(app, number)
    db.session.rollback()
    return runtime().platform(slug).check_customer(number)


def _by_its_form(app: ExportApp, number: str) -> CustomerCheck:
    name = field_of_type(app, "customer_number")
    setting = next((one for one in app.fields if one.name == name), None)
    if setting is not None and setting.pattern and not re.fullmatch(setting.pattern, number):
        return CustomerCheck("unknown", setting.pattern_text)
    return CustomerCheck("ok", _("Die Angabe hat die richtige Form."), Account(number, ""))
