"""A pytest plugin for `house_figures.py`: which rooms a way through the portal enters.

Every call of one of our functions is seen, also in threads. A room is a folder; a turn back is a call from
one room into another that waits further up for its end. What happens around a request (session, rights) is
not the way: of a request only its view is watched.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import flask

PORTAL = Path.cwd() / "portal"
ENTRIES: dict[str, tuple[str, ...]] = {
    "sending": ("portal.exports.jobs:run_activation", "portal.exports.work:work"),
    "post": (),
}
"""Functions with which a way begins, the first that exists; none: the view of every POST."""


class Watch:
    """What was seen of the last way that came to its end."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.turns_back: set[tuple[str, str, str, str]] = set()

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event != "call":
            return
        here = module_of(frame)
        if here is None:
            return
        self.modules.add(here)
        callers = list(frames_above(frame))
        if not callers:
            return
        caller, caller_module = callers[0]
        above = {room_of(module) for _, module in callers[1:]}
        if room_of(here) != room_of(caller_module) and room_of(here) in above:
            self.turns_back.add((caller_module, caller.f_code.co_name, here, frame.f_code.co_name))

    def write(self) -> None:
        found = {
            "modules": sorted(self.modules),
            "rooms": sorted({room_of(module) for module in self.modules}),
            "turns_back": len(self.turns_back),
        }
        Path(os.environ["HOUSE_RESULT"]).write_text(json.dumps(found), "utf-8")


def module_of(frame: FrameType) -> str | None:
    """Path of one of our modules inside `portal`; None for everything else."""
    file = frame.f_code.co_filename
    if not file.startswith(f"{PORTAL}/") or frame.f_code.co_name == "<module>":
        return None
    return file[len(str(PORTAL)) + 1 :]


def room_of(module: str) -> str:
    return str(Path(module).parent)


def frames_above(frame: FrameType) -> Iterator[tuple[FrameType, str]]:
    """Our frames, from the caller outwards."""
    above = frame.f_back
    while above is not None:
        module = module_of(above)
        if module is not None:
            yield above, module
        above = above.f_back


@contextmanager
def watching() -> Iterator[None]:
    watch = Watch()
    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        watch.write()


def watched(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        with watching():
            return function(*args, **named)

    return call


def pytest_collection_modifyitems() -> None:
    """Now everything is imported that will be called."""
    names = ENTRIES[os.environ["HOUSE_ENTRY"]]
    if not names:
        watch_views()
        return
    entry = next(found for name in names if (found := find(name)) is not None)
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()) if module is not None else ():
            if value is entry:
                setattr(module, name, watched(entry))


def find(name: str) -> Callable[..., Any] | None:
    module, _, function = name.partition(":")
    try:
        found: Callable[..., Any] | None = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError:
        return None
    return found


def watch_views() -> None:
    dispatch = flask.Flask.dispatch_request

    def dispatch_watched(app: flask.Flask) -> Any:
        if flask.request.method != "POST" or flask.request.endpoint in (None, "auth.login"):
            return dispatch(app)
        return watched(dispatch)(app)

    setattr(flask.Flask, "dispatch_request", dispatch_watched)  # noqa: B010
