"""What is done once a transaction is committed: noted in the session until then, forgotten on rollback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session


def after_commit(session_class: type[Session] | object, key: str, do: Callable[[Any], None]) -> None:
    """Hand what a session of this factory has noted in `info[key]` to `do`, after every commit."""

    @event.listens_for(session_class, "after_commit")
    def _do(session: Session) -> None:
        if noted := session.info.pop(key, None):
            do(noted)

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop(key, None)
