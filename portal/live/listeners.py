"""Who listens: the login and the rights of a stream are those of a request with the same cookie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, g
from flask_login import current_user
from sqlalchemy import select

from config import Settings
from portal.changes import ChangeKind, Word
from portal.extensions import db, login_manager
from portal.models import Activation, Vehicle
from portal.models.realm import Realm
from portal.web import sessions, support_session
from portal.web.configuration import flask_config


@dataclass(frozen=True)
class Listener:
    """A stream whose listener is another one than at its beginning has ended: logged out, deactivated, moved
    to another dealer or location, out of the support session."""

    login: str
    user_id: UUID
    realm: Realm


@dataclass(frozen=True)
class Place:
    """Where a changed thing belongs."""

    dealer_id: UUID
    location_id: UUID


def listeners_app(settings: Settings) -> Flask:
    """As much of the application as it takes to know who asks: without pages it needs half the memory."""
    app = Flask(__name__)
    app.config.from_mapping(flask_config(settings))
    app.extensions["settings"] = settings
    db.init_app(app)
    login_manager.init_app(app)
    return app


def identify(app: Flask, cookie: str) -> Listener | None:
    """None for who is not logged in or acts for no dealer."""
    with app.test_request_context("/events", headers={"Cookie": cookie}):
        g.only_listens = True
        if not current_user.is_authenticated or not support_session.may("view"):
            return None
        dealer = support_session.dealer_of_request()
        if dealer is None:
            return None
        return Listener(
            sessions.current_hash(), current_user.id, Realm(dealer.id, support_session.locations())
        )


def places(app: Flask, words: Collection[Word]) -> dict[Word, Place]:
    """Where the vehicles and apps of these words belong, in at most two queries; unknown ones are missing."""
    wanted: defaultdict[type[Vehicle | Activation], list[Word]] = defaultdict(list)
    for word in words:
        if word[0] != ChangeKind.USER:
            wanted[Activation if word[0] == ChangeKind.APP else Vehicle].append(word)
    found: dict[Word, Place] = {}
    with app.app_context():
        for kind, asked in wanted.items():
            rows = select(kind.id, kind.dealer_id, kind.location_id).where(kind.id.in_({w[1] for w in asked}))
            known = {row[0]: Place(row[1], row[2]) for row in db.session.execute(rows)}
            found |= {word: known[word[1]] for word in asked if word[1] in known}
    return found
