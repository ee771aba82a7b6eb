"""Schema and demo dealers, before `make run` serves: `python -m portal.launching.preparation`."""

from __future__ import annotations

from config import load_settings
from portal import create_app
from portal.database import migrate
from portal.demo.load import is_empty, load
from portal.extensions import db
from portal.launching import steps


def prepare() -> None:
    app = create_app(load_settings())
    with app.app_context():
        migrate()
        if is_empty(db.session()):
            print("Loading the demo dealers …", flush=True)
            load(db.session(), app.extensions["vault"])
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    steps.run(prepare)
