"""Schema and demo dealers, before `make run` serves: `python -m portal.launching.preparation`."""

from __future__ import annotations

import errno
import logging
import sys

from sqlalchemy.exc import DBAPIError

from config import load_settings
from portal import create_app
from portal.database import migrate
from portal.demo.load import is_empty, load
from portal.extensions import db


def main() -> int:
    """What the database or the disk refuses is said on standard error."""
    logging.basicConfig(level=logging.WARNING)  # what the demo does is no news
    try:
        _prepare()
    except DBAPIError as error:
        print(f"The database refused: {str(error.orig).strip()}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(f"The disk is full ({error.filename or 'data folder'}). Free some space.", file=sys.stderr)
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
