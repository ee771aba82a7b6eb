"""What somebody can use up or bring to life at the drop folders' server, and what of it stays with them."""

from __future__ import annotations

from base64 import b64decode
from contextlib import ExitStack, suppress
from typing import Any

import asyncssh
import paramiko
import pytest
from paramiko.sftp import CMD_OPENDIR

from portal import audit
from portal.drop_folders import attempts as bounds
from portal.drop_folders.attempts import Attempts
from portal.drop_folders.folder import MOST_READ
from portal.drop_folders.server import MOST_OF_FOLDER, MOST_PROGRAMS, MOST_TRIES
from portal.drop_folders.sftp import MOST_LISTINGS
from portal.sources import drop_access
from tests import asynchronous
from tests.drop_folders.conftest import Yard
from tests.drop_folders.test_server import lies, put, stock
from tests.programs import WHOLE_MACHINE
from tests.waiting import until

pytestmark = WHOLE_MACHINE
KEY_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8kPCbTGAMdzbjTiEnPLkXgAuLRCNWAwGqrGWNFRPWx dms@buero"


class FoundKey(paramiko.Ed25519Key):
    """Somebody has its public half alone."""

    def sign_ssh_data(self, *_: Any) -> paramiko.Message:
        signature = paramiko.Message()
        signature.add_string(self.get_name())
        signature.add_string(b"s" * 64)
        return signature


def test_who_logs_in_rightly_is_never_shut_out(yard: Yard) -> None:
    """A vendor's machine serves a hundred dealers."""
    attempts = Attempts()
    for number in range(100):
        assert attempts.admit(f"dealer {number % 3}", "192.0.2.1")
        attempts.forgive(
            f"dealer {number % 3}", "192.0.2.1", attempts.fail(f"dealer {number % 3}", "192.0.2.1")
        )
    for _ in range(bounds.MOST_FROM_ADDRESS + 2):
        with yard.client():
            pass


def test_a_key_is_no_login_before_it_has_signed(yard: Yard) -> None:
    """A public key is known to many, and so is the login."""
    access = yard.access_of(yard.access.source)
    drop_access.set_keys(yard.session, audit.PORTAL, yard.alice, access, [KEY_LINE])
    yard.session.commit()

    with paramiko.Transport(("127.0.0.1", yard.port)) as transport:
        transport.start_client()
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_publickey(yard.access.login, FoundKey(data=b64decode(KEY_LINE.split()[1])))
    yard.session.refresh(access)
    assert access.last_login_at is None
    with yard.client():
        until(lambda: yard.access_of(yard.access.source).last_login_at or yard.session.expire_all())


def test_a_connection_has_so_many_tries(yard: Yard) -> None:
    async def offer(count: int) -> None:
        keys = [asyncssh.generate_private_key("ssh-ed25519") for _ in range(count)]
        options = {"username": yard.access.login, "client_keys": keys, "agent_path": None}
        options |= {"known_hosts": None, "config": None, "preferred_auth": "publickey"}
        await asyncssh.connect("127.0.0.1", yard.port, **options)

    with pytest.raises(asyncssh.PermissionDenied):
        asynchronous.run(offer(MOST_TRIES))
    with pytest.raises((asyncssh.ConnectionLost, ConnectionError)):
        asynchronous.run(offer(MOST_TRIES + 1))


def is_readable(client: paramiko.SFTPClient, name: str) -> bool:
    """Programs do not wait for the answer to what they close."""
    try:
        client.open(name).close()
    except OSError:
        return False
    return True


def test_nobody_uses_up_the_handles_of_all(yard: Yard) -> None:
    with yard.client() as client:
        put(client, "bestand.csv", stock("A1"))
        read = [client.open("bestand.csv") for _ in range(MOST_READ)]
        with pytest.raises(OSError, match="zu viele Dateien"):
            client.open("bestand.csv")
        read.pop().close()
        until(lambda: is_readable(client, "bestand.csv"))
        listings = [client._request(CMD_OPENDIR, ".") for _ in range(MOST_LISTINGS)]
        with pytest.raises(OSError, match="Too many listings"):
            client.listdir(".")
        assert len(listings) == MOST_LISTINGS
    with yard.client() as client, client.open("bestand.csv"):
        assert lies(client) == {"bestand.csv"}


def has_room(yard: Yard) -> bool:
    try:
        with yard.client() as client:
            client.listdir(".")
    except (paramiko.SSHException, EOFError, OSError):
        return False
    return True


def test_a_connection_and_a_folder_have_room_for_so_many(yard: Yard) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_OF_FOLDER):
            stack.enter_context(yard.client())
        assert not has_room(yard)
    until(lambda: has_room(yard))  # the server has seen them leave
    with paramiko.Transport(("127.0.0.1", yard.port)) as transport:
        transport.connect(username=yard.access.login, password=yard.access.password)
        for _ in range(MOST_PROGRAMS * 2):
            program = paramiko.SFTPClient.from_transport(transport)
            assert program is not None
            program.close()
        kept = [paramiko.SFTPClient.from_transport(transport) for _ in range(MOST_PROGRAMS)]
        assert transport.is_active()
        with suppress(paramiko.SSHException, EOFError, OSError):
            paramiko.SFTPClient.from_transport(transport)
        until(lambda: not transport.is_active())
        assert len(kept) == MOST_PROGRAMS


def test_who_takes_a_resting_access_over_revives_nothing_of_the_one_before(yard: Yard) -> None:
    access = yard.access_of(yard.access.source)
    drop_access.set_keys(yard.session, audit.PORTAL, yard.alice, access, [KEY_LINE])
    bob = yard.build.user("bob", yard.dealer, rights=("edit_vehicles",))
    drop_access.set_keys(yard.session, audit.PORTAL, bob, access, [KEY_LINE])
    assert access.password_hash, "colleagues change it together"
    bob.active = False
    yard.session.commit()
    yard.session.refresh(access)
    drop_access.new_password(yard.session, audit.PORTAL, yard.alice, access)
    assert access.public_keys == []
    yard.alice.active = False
    yard.session.commit()
    yard.session.refresh(access)
    dora = yard.build.user("dora", yard.dealer, rights=("edit_vehicles",))
    drop_access.set_keys(yard.session, audit.PORTAL, dora, access, [KEY_LINE])
    yard.session.commit()
    assert access.password_hash == ""
    with pytest.raises(paramiko.AuthenticationException), yard.client():
        pass
