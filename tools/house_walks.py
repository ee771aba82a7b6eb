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
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import flask
import pytest

PORTAL = Path.cwd() / "portal"
ENTRIES: dict[str, tuple[str, ...]] = {
    "sending": ("portal.exports.dispatch.loop:dispatch_waiting", "portal.exports.drain:send_due"),
    "post": (),
}
"""Functions with which a way begins, the first that exists; none: the view of every POST."""


class Watch:
    """What one way has met."""

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


class Trace:
    """Hands calls to a watch as long as the entry's call lasts, in whatever thread they are made."""

    def __init__(self, entry: CodeType) -> None:
        self.entry = entry
        self.watch: Watch | None = None

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if frame.f_code is self.entry and event == "call":
            self.watch = Watch()
        if self.watch is not None:
            self.watch(frame, event, argument)
        if frame.f_code is self.entry and event == "return" and self.watch is not None:
            self.watch.write()
            self.watch = None


@contextmanager
def traced(profile: Callable[[FrameType, str, object], None]) -> Iterator[None]:
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    names = ENTRIES[os.environ["HOUSE_ENTRY"]]
    if not names:
        watch_views()
        return (yield)
    entry = next(found for name in names if (found := find(name)) is not None)
    with traced(Trace(entry.__code__)):
        return (yield)


def find(name: str) -> FunctionType | None:
    module, _, function = name.partition(":")
    try:
        found: FunctionType | None = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError:
        return None
    return found


def watch_views() -> None:
    """Of every POST but the login, from now on; the last one counts."""
    dispatch = flask.Flask.dispatch_request

    def dispatch_watched(app: flask.Flask) -> Any:
        if flask.request.method != "POST" or flask.request.endpoint in (None, "auth.login"):
            return dispatch(app)
        watch = Watch()
        with traced(watch):
            answer = dispatch(app)
        watch.write()
        return answer

    setattr(flask.Flask, "dispatch_request", dispatch_watched)  # noqa: B010
