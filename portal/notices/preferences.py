"""How a user wants to be told of each kind of problem. The inbox has everything in any case."""

from __future__ import annotations

from enum import StrEnum

from portal.models.accounts import User
from portal.notices.problems import ProblemKind


class Way(StrEnum):
    """OFF: no mail. DIGEST: once a day."""

    OFF = "off"
    MAIL = "mail"
    DIGEST = "digest"


def way(user: User, kind: str) -> Way:
    """What is not named, or not understood, is told by mail at once."""
    wanted = user.notify.get(kind)
    return Way(wanted) if wanted in tuple(Way) else Way.MAIL


def choose(user: User, wanted: dict[ProblemKind, Way]) -> None:
    user.notify = {**user.notify, **{str(kind): str(chosen) for kind, chosen in wanted.items()}}
