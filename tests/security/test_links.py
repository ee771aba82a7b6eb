"""Links in mails: what they open, for how long, and what does not pass for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from portal.models.runs import Lock
from portal.security.links import (
    PASSWORD,
    UNLOCK,
    UNLOCK_LIFETIME,
    UNLOCK_PATH,
    UnlockToken,
    Validity,
    _signer,
    read_unlock,
    unlock_link,
)

SETTINGS = Settings(secret_key="one key", portal_url="https://portal.example")
LOCK = Lock(id=UUID(int=7))
ALICE = UUID(int=8)
HOUR = timedelta(hours=1)
FORGED = UnlockToken(Validity.FORGED)


def token(settings: Settings = SETTINGS, recipient: UUID = ALICE) -> str:
    return unlock_link(settings, LOCK, recipient).rpartition("/")[2]


def test_it_is_an_address_of_the_portal_and_names_its_lock_and_recipient() -> None:
    link = unlock_link(SETTINGS, LOCK, ALICE)
    assert link.startswith("https://portal.example/unlock/")
    assert read_unlock(SETTINGS, link.rpartition("/")[2]) == UnlockToken(Validity.GOOD, LOCK.id, ALICE)


def test_a_link_that_names_nobody_opens_nothing() -> None:
    """It would stand for nobody's right."""
    assert read_unlock(SETTINGS, _signer(SETTINGS, UNLOCK).dumps([LOCK.id.hex])) == FORGED


@pytest.mark.parametrize(
    ("age", "validity"),
    [
        (timedelta(seconds=-30), Validity.GOOD),  # signed by a machine whose clock is ahead
        (timedelta(0), Validity.GOOD),
        (UNLOCK_LIFETIME - HOUR, Validity.GOOD),
        (UNLOCK_LIFETIME + HOUR, Validity.EXPIRED),
        (timedelta(days=4000), Validity.EXPIRED),
    ],
)
def test_it_is_good_for_72_hours_and_tells_nothing_afterwards(age: timedelta, validity: Validity) -> None:
    found = read_unlock(SETTINGS, token(), datetime.now(UTC) + age)
    assert found.validity == validity
    assert (found.lock_id is not None) == (validity == Validity.GOOD)


def test_another_key_signs_nothing_that_counts() -> None:
    assert read_unlock(SETTINGS, token(replace(SETTINGS, secret_key="another key"))) == FORGED


def test_a_token_for_another_purpose_opens_no_lock() -> None:
    other = _signer(SETTINGS, PASSWORD).dumps([LOCK.id.hex])
    assert read_unlock(SETTINGS, other) == FORGED


@pytest.mark.parametrize(
    "content", [[], ["x"], "7", 7, None, {"lock": 7}, [LOCK.id.hex] * 3, [[LOCK.id.hex]]]
)
def test_what_we_signed_but_is_no_link_is_none(content: object) -> None:
    assert read_unlock(SETTINGS, _signer(SETTINGS, UNLOCK).dumps(content)) == FORGED


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert read_unlock(SETTINGS, text) == FORGED


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_a_changed_character_is_found(place: int, character: str) -> None:
    good = token()
    place %= len(good)
    changed = good[:place] + character + good[place + 1 :]
    found = read_unlock(SETTINGS, changed)
    assert found == (UnlockToken(Validity.GOOD, LOCK.id, ALICE) if _same(good, changed) else FORGED)


def _same(good: str, changed: str) -> bool:
    """The last bits of base64 say nothing: another last letter can stand for the same signature."""
    signer = _signer(SETTINGS, UNLOCK).make_signer()
    return good.rpartition(".")[0] == changed.rpartition(".")[0] and signer.validate(changed)


def test_the_path_is_short_enough_for_a_mail() -> None:
    assert len(UNLOCK_PATH + token()) < 200
