from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.models import Activation, Run

blueprint = Blueprint("my_apps", __name__)

RUN_PAGES: dict[str, Callable[[Activation, Run], ResponseReturnValue]] = {}
"""Pages for kinds of runs that are shown elsewhere: whoever has one puts it here."""
