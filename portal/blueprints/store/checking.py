"""What is asked of a platform while a dealer waits: his account, and what would be sent."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import sessionmaker

from portal.exports.runtime import Runtime
from portal.extensions import db
from portal.platforms.base import CustomerCheck


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
    """Ask the platform about an account. The database connection is given back meanwhile."""
    db.session.rollback()
    return runtime().platform(slug).check_customer(number)
