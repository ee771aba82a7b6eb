"""What a page reads, or a program, is the database of one moment.

It asks several statements. What ends between two of them would be neither under way nor ended: the page would
show what was before, and since nothing is under way it would never look again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, request
from psycopg.errors import SerializationFailure
from sqlalchemy.exc import OperationalError

from portal.extensions import db
from portal.web.support_session import SAFE

P = ParamSpec("P")
R = TypeVar("R")
MOMENT = "REPEATABLE READ"


def register(app: Flask) -> None:
    """Before everything that asks the database: the first question of a transaction decides its moment."""

    @app.before_request
    def begin() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if request.method in SAFE and getattr(view, "access", "public") != "public":
            db.session.connection(execution_options={"isolation_level": MOMENT})


def answered(view: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the view answers; where another request was faster, what it answers a moment later.

    A few pages write, too: a preview is asked for, a look is put on record. What others wrote meanwhile
    cannot be written again within the moment; a second time it is there.
    """
    try:
        return view(*args, **kwargs)
    except OperationalError as error:
        if request.method not in SAFE or not isinstance(error.orig, SerializationFailure):
            raise
    db.session.rollback()
    return view(*args, **kwargs)
