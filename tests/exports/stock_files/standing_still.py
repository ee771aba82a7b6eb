"""A worker that stands still when it gets to a function: `python -m … module function activation`."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any

from portal.exports.jobs import drain_activation
from portal.platforms import APPS
from tests.exports.stock_files import paper

HERE = "here"


def stand_still(*_given: Any, **_named: Any) -> None:
    print(HERE, flush=True)
    time.sleep(60)


if __name__ == "__main__":
    module, function, activation_id = sys.argv[1:]
    setattr(import_module(f"portal.exports.stock_files.{module}"), function, stand_still)
    APPS[paper.SLUG] = paper.paper()
    drain_activation(activation_id)
