"""Flask extensions, created once and bound to an app in the factory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

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
from portal.mandate import FULL, MANDATE, Mandate
from portal.models import Base
from portal.notifications import bell
from portal.security.origin import origin_of


def _mandate() -> Mandate:
    asked: Callable[[], Mandate] | None = current_app.extensions.get(MANDATE)
    return asked() if asked else FULL


db = SQLAlchemy(metadata=Base.metadata, session_options={"info": {MANDATE: _mandate}})
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=lambda: origin_of(get_remote_address()))
babel = Babel()
compress = Compress()
htmx = Htmx()


def _ring(activation_ids: Iterable[UUID], line: outbox.Line = outbox.Line.PEOPLE, /) -> None:
    current_app.extensions["ring"](activation_ids, line)


def _ring_for_notices() -> None:
    current_app.extensions["ring_for_notices"]()


def _publish(words: Collection[changes.Word]) -> None:
    current_app.extensions["publish"](words)


events.install(db.session)
changes.install(db.session, _publish)
outbox.install(db.session, _ring)
bell.install(db.session, _ring_for_notices)
