"""What waits for a commit: done once it is there, forgotten with what was rolled back."""

from __future__ import annotations

from sqlalchemy import Engine, text
from sqlalchemy.orm import sessionmaker

from portal.commits import after_commit


def test_what_was_noted_is_done_once_and_after_the_commit(worker_engine: Engine) -> None:
    sessions, done = sessionmaker(worker_engine), []
    after_commit(sessions, "noted", done.append)
    with sessions() as session:
        session.info["noted"] = "first"
        session.execute(text("SELECT 1"))
        assert done == []
        session.commit()
        session.execute(text("SELECT 1"))
        session.commit()
    assert done == ["first"]


def test_what_was_rolled_back_is_never_done(worker_engine: Engine) -> None:
    sessions, done = sessionmaker(worker_engine), []
    after_commit(sessions, "noted", done.append)
    with sessions() as session:
        session.info["noted"] = "void"
        session.execute(text("SELECT 1"))
        session.rollback()
        session.execute(text("SELECT 1"))
        session.commit()
    assert done == []
