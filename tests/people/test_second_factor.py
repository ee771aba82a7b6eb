"""Codes of an authenticator app and recovery codes: each good for one login."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log2
from uuid import uuid4

import pyotp
import pytest
from cryptography.fernet import Fernet

from portal.models import User
from portal.people import second_factor
from portal.security.vault import Vault

NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def alice() -> User:
    return User(id=uuid4(), login="alice", totp_secret="", totp_last_step=0, recovery_codes=[])


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


@pytest.fixture
def secret(alice: User, vault: Vault) -> str:
    """Alice's factor is set up."""
    secret = second_factor.new_secret()
    assert second_factor.turn_on(alice, vault, secret, code_at(secret, NOON), NOON)
    return secret


def test_it_is_set_up_with_a_code_that_belongs_to_it(alice: User, vault: Vault) -> None:
    secret = second_factor.new_secret()
    assert second_factor.turn_on(alice, vault, secret, "000000", NOON) is None
    assert alice.totp_secret == ""


def test_the_secret_lies_sealed(alice: User, vault: Vault, secret: str) -> None:
    assert secret not in alice.totp_secret
    assert vault.open(alice.id, alice.totp_secret) == {"secret": secret}


def test_a_code_is_good_once(alice: User, vault: Vault, secret: str) -> None:
    code = code_at(secret, LATER)
    assert second_factor.accept(alice, vault, code, LATER)
    assert not second_factor.accept(alice, vault, code, LATER)


def test_the_code_of_setting_it_up_is_used_up(alice: User, vault: Vault, secret: str) -> None:
    assert not second_factor.accept(alice, vault, code_at(secret, NOON), NOON)


@pytest.mark.parametrize(("seconds", "taken"), [(-30, True), (30, True), (-60, False), (60, False)])
def test_a_clock_may_differ_by_half_a_minute(
    alice: User, vault: Vault, secret: str, seconds: int, taken: bool
) -> None:
    code = code_at(secret, LATER + timedelta(seconds=seconds))
    assert second_factor.accept(alice, vault, code, LATER) is taken


def test_an_older_code_is_not_taken_after_a_newer_one(alice: User, vault: Vault, secret: str) -> None:
    assert second_factor.accept(alice, vault, code_at(secret, LATER), LATER)
    assert not second_factor.accept(alice, vault, code_at(secret, LATER - timedelta(seconds=30)), LATER)


@pytest.mark.parametrize("given", ["", "12345", "abcdef", "äöü", "0" * 400])
def test_nonsense_is_refused(alice: User, vault: Vault, secret: str, given: str) -> None:
    assert not second_factor.accept(alice, vault, given, LATER)


def test_a_recovery_code_is_good_once_however_it_is_typed(alice: User, vault: Vault, secret: str) -> None:
    codes = second_factor.renew_recovery_codes(alice)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert not set(codes) & set(alice.recovery_codes)
    assert second_factor.accept(alice, vault, f" {codes[0].upper().replace('-', ' ')} ", LATER)
    assert not second_factor.accept(alice, vault, codes[0], LATER)
    assert second_factor.accept(alice, vault, codes[1], LATER)


def test_a_recovery_code_has_at_least_112_bits(alice: User) -> None:
    """So many that a plain hash of it tells nobody anything."""
    for code in second_factor.renew_recovery_codes(alice):
        letters = code.replace("-", "")
        assert set(letters) <= set(second_factor.ALPHABET)
        assert len(letters) * log2(len(set(second_factor.ALPHABET))) >= 112


def test_new_recovery_codes_replace_the_old_ones(alice: User, vault: Vault, secret: str) -> None:
    old = second_factor.renew_recovery_codes(alice)
    second_factor.renew_recovery_codes(alice)
    assert not second_factor.accept(alice, vault, old[0], LATER)
