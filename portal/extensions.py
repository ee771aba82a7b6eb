"""Flask extensions, created once and bound to an app in the factory."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from htmx_flask import Htmx

from portal import changes, events, outbox
from portal.mandate import FULL, MANDATE
from portal.models import Base
from portal.notifications import bell
from portal.security.origin import origin_of

db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"info": {MANDATE: lambda: current_app.extensions.get(MANDATE, lambda: FULL)()}},
)
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: origin_of(get_remote_address()))
babel = Babel()
compress = Compress()
htmx = Htmx()


def of_app(name: str) -> Callable[..., None]:
    """What the app of the moment does by that name: the sessions below are one for all apps."""
    return lambda *given: current_app.extensions[name](*given)


events.install(db.session)
changes.install(db.session, of_app("publish"))
outbox.install(db.session, of_app("ring"))
bell.install(db.session, of_app("ring_for_notices"))
