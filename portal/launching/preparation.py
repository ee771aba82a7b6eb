"""Schema and demo dealers, before `make run` serves: `python -m portal.launching.preparation`."""

from __future__ import annotations

import logging
import sys

from sqlalchemy.exc import DBAPIError

from config import load_settings
from portal import create_app
from portal.database import migrate
from portal.demo.load import is_empty, load
from portal.extensions import db
from portal.launching import checks


def main() -> int:
    """What the database or the disk refuses is said on standard error."""
    logging.basicConfig(level=logging.WARNING)  # what the demo does is no news
    try:
        _prepare()
    except (DBAPIError, OSError) as error:
        complaint = checks.refusal(error)
        if not complaint:
            raise
        print(complaint, file=sys.stderr)
        return 1
    return 0


def _prepare() -> None:
    app = create_app(load_settings())
    with app.app_context():
        migrate()
        if is_empty(db.session()):
            print("Loading the demo dealers …", flush=True)
            load(db.session(), app.extensions["vault"])
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
