"""The SFTP server as clients of others see it: their own files, complete ones taken, and no way out."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import asyncssh
import paramiko
import pytest

from config import Settings
from portal import audit
from portal.drop_folders.attempts import MOST_AT_LOGIN, Attempts
from portal.drop_folders.host_key import fingerprint
from portal.drop_folders.service import AlreadyServed
from portal.models import StockUpload, User, VehicleImport
from portal.models.sources import PickupState
from portal.sources import drop_access
from tests import asynchronous
from tests.builders import Build
from tests.drop_folders.conftest import Yard, serving
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, text_file, zipped
from tests.formats.stock_file import line
from tests.programs import WHOLE_MACHINE, free_port, plain_environment
from tests.waiting import until

pytestmark = WHOLE_MACHINE
ROOT = Path(__file__).parents[2]


def stock(*numbers: str) -> bytes:
    return "".join(line(B=number) for number in numbers).encode("iso-8859-15")


def put(client: paramiko.SFTPClient, name: str, content: bytes) -> None:
    with client.open(name, "wb") as file:
        file.write(content)


def lies(client: paramiko.SFTPClient) -> set[str]:
    return set(client.listdir("."))


def test_a_complete_file_is_taken_and_stays_to_be_read_and_deleted(yard: Yard) -> None:
    content = stock("A1", "A2")
    with yard.client() as client:
        put(client, "bestand.csv", content)
        [pickup] = yard.taken()
        assert (pickup.state, pickup.file_name, pickup.size) == (
            PickupState.TAKEN,
            "bestand.csv",
            len(content),
        )
        assert lies(client) == {"bestand.csv"}
        assert client.stat("bestand.csv").st_size == len(content)
        with client.open("/bestand.csv", "rb") as file:
            assert file.read() == content
        client.remove("bestand.csv")
        assert lies(client) == set()
    assert yard.stock() == {"A1", "A2"}
    report = yard.session.get_one(VehicleImport, pickup.import_id)
    assert (report.taken, report.partial, report.location_id) == (2, False, yard.access.source.location_id)


def test_a_file_is_taken_when_it_gets_its_name(yard: Yard) -> None:
    with yard.client() as client:
        put(client, "bestand.csv.part", stock("A1"))
        put(client, "upload.tmp", stock("B1"))
        assert lies(client) == {"bestand.csv.part", "upload.tmp"}
        assert list((yard.root() / "waiting").iterdir()) == []
        client.rename("bestand.csv.part", "bestand.csv")
        assert [one.file_name for one in yard.taken()] == ["bestand.csv"]
        client.posix_rename("upload.tmp", "bestand.csv")
        assert len(yard.taken(2)) == 2
    assert yard.stock() == {"B1"}


def test_the_same_file_again_changes_nothing(yard: Yard) -> None:
    with yard.client() as client:
        put(client, "bestand.csv", stock("A1"))
        yard.taken(1)
        put(client, "bestand.csv", stock("A1"))
        assert [one.state for one in yard.taken(2)] == [PickupState.TAKEN, PickupState.UNCHANGED]


def test_half_a_file_is_nothing(yard: Yard) -> None:
    """Whether the network ends or the program gives up."""
    with yard.client() as client:
        put(client, "bestand.csv", stock("A1"))
        yard.taken(1)
    with paramiko.Transport(("127.0.0.1", yard.port)) as transport:
        transport.connect(username=yard.access.login, password=yard.access.password)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        file = client.open("bestand.csv", "wb")
        file.write(stock("A2"))
        file.flush()
        until(lambda: any((yard.root() / "arriving").iterdir()))
        transport.sock.close()
    until(lambda: not any((yard.root() / "arriving").iterdir()))

    async def give_up() -> None:
        options = {"username": yard.access.login, "password": yard.access.password}
        async with asyncssh.connect("127.0.0.1", yard.port, known_hosts=None, config=None, **options) as ssh:
            sftp = await ssh.start_sftp_client()
            half = await sftp.open("bestand.csv", "wb")
            await half.write(stock("A3"))
            sftp.exit()
            await sftp.wait_closed()
            until(lambda: not any((yard.root() / "arriving").iterdir()))

    asynchronous.run(give_up())
    with yard.client() as client, client.open("bestand.csv") as file:
        assert file.read() == stock("A1")
    assert len(yard.pickups()) == 1
    assert yard.stock() == {"A1"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bestand.exe", b"MZ", "Hier werden nur Dateien angenommen"),
        ("bestand", b"x", "Hier werden nur Dateien angenommen"),
        (".profile.csv", b"x", "Dieser Dateiname geht hier nicht"),
        ("bestand.csv", b"%PDF-1.7 no stock", "Der Inhalt passt nicht zur Endung"),
        ("bestand.csv", b"PK\x03\x04 a zip", "Der Inhalt passt nicht zur Endung"),
        ("bestand.zip", b"no zip at all", "Der Inhalt passt nicht zur Endung"),
        ("bestand.csv", b"A" * (2**20 + 1), "Die Datei ist größer als 1 MB"),
    ],
)
def test_what_no_import_can_read_is_refused_with_a_reason(
    yard: Yard, name: str, content: bytes, said: str
) -> None:
    with yard.client() as client, pytest.raises(OSError, match=said):
        put(client, name, content)
    with yard.client() as client:
        assert lies(client) == set()
    assert yard.pickups() == []


def test_the_folder_has_a_quota_and_what_was_taken_long_ago_makes_way(yard: Yard) -> None:
    with yard.client() as client:
        for name in ("a.csv", "b.csv"):
            put(client, name, stock("A1") + b"\n" * 900_000)
        yard.taken(2)
        put(client, "c.csv", stock("A1") + b"\n" * 900_000)
        assert lies(client) == {"b.csv", "c.csv"}
        yard.taken(3)
        for name in ("1.part", "2.part"):
            put(client, name, b"\n" * 1_000_000)
        with pytest.raises(OSError, match=r"^Der Ordner ist voll"):
            put(client, "3.part", b"\n" * 1_000_000)
        assert lies(client) == {"1.part", "2.part"}, "what is not taken yet makes no way"


def test_nothing_leads_out_of_the_folder(yard: Yard, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("nobody's")
    charlie = yard.build.dealer("Autohaus Charlie", "KI")
    other = yard.make(charlie, yard.build.user("charlie", charlie, rights=("edit_vehicles",)))
    with yard.client(other) as client:
        put(client, "theirs.csv", stock("C1"))
        yard.taken(1, other)
    depth = "../" * 12
    there = yard.root(other) / "files" / "theirs.csv"
    assert there.exists()
    ways = (
        str(secret),
        f"{depth}{secret}",
        f"{depth}etc/passwd",
        "/etc/passwd",
        f"../{other.source.id}/files/theirs.csv",
        f"../../{other.source.id}/files/theirs.csv",
        "..",
        "files/x.csv",
        "./../waiting/x.csv",
        "..\\secret.csv",
        "a\x00b.csv",
        str(there),
    )
    with yard.client() as client:
        for way in ways:
            for act in (client.stat, client.lstat, client.remove, client.readlink, client.rmdir):
                if way == ".." and act in (client.stat, client.lstat):
                    continue
                with pytest.raises(OSError):
                    act(way)
            with pytest.raises(OSError):
                client.open(way, "rb").read()
            with pytest.raises(OSError):
                put(client, way, stock("X1"))
        assert client.normalize(f"{depth}etc") == "/etc"
        assert stat.S_ISDIR(client.stat("..").st_mode or 0)
        assert client.listdir("../..") == client.listdir("/") == []
        for forbidden in (
            lambda: client.symlink("/etc/passwd", "link.csv"),
            lambda: client.symlink(str(secret), "link.csv"),
            lambda: client.mkdir("folder"),
            lambda: client.rename(f"{depth}{secret}", "mine.csv"),
        ):
            with pytest.raises(OSError):
                forbidden()
        put(client, "own.csv.part", stock("A1"))
        for way in ways:
            with pytest.raises(OSError):
                client.rename("own.csv.part", way)
        assert lies(client) == {"own.csv.part"}
    assert secret.read_text() == "nobody's"
    assert there.read_bytes() == stock("C1")
    assert sorted(path.name for path in yard.root().iterdir()) == ["arriving", "files", "waiting"]


def test_two_dealers_have_the_same_names_and_nothing_in_common(yard: Yard) -> None:
    charlie = yard.build.dealer("Autohaus Charlie", "KI")
    other = yard.make(charlie, yard.build.user("charlie", charlie, rights=("edit_vehicles",)))
    with yard.client() as ours, yard.client(other) as theirs:
        put(ours, "bestand.csv", stock("A1"))
        put(theirs, "bestand.csv", stock("C1"))
        yard.taken(1)
        yard.taken(1, other)
        with ours.open("bestand.csv") as file:
            assert file.read() == stock("A1")
        theirs.remove("bestand.csv")
        assert lies(ours) == {"bestand.csv"}
    reports = {report.dealer_id: report.taken for report in yard.session.query(VehicleImport)}
    assert reports == {yard.dealer.id: 1, charlie.id: 1}


def test_there_is_no_shell_no_command_no_forwarding_and_no_copying_by_scp(yard: Yard) -> None:
    async def try_everything() -> None:
        options = {"username": yard.access.login, "password": yard.access.password}
        async with asyncssh.connect("127.0.0.1", yard.port, known_hosts=None, config=None, **options) as ssh:
            with pytest.raises(asyncssh.ChannelOpenError):
                await ssh.open_connection("127.0.0.1", yard.port)
            with pytest.raises((asyncssh.ChannelListenError, asyncssh.ChannelOpenError)):
                await ssh.forward_remote_port("", 0, "127.0.0.1", 1)
            with pytest.raises(asyncssh.ChannelOpenError):
                await ssh.open_unix_connection("/tmp/x")  # noqa: S108
            for command in ("id", "scp -t .", None):
                with pytest.raises((asyncssh.ChannelOpenError, asyncssh.ProcessError)):
                    await ssh.run(command, check=True, input="")

    asynchronous.run(try_everything())


def test_a_key_in_the_form_of_openssh_lets_in_and_another_one_does_not(yard: Yard, tmp_path: Path) -> None:
    """With the client of OpenSSH, where it is installed."""
    sftp = shutil.which("sftp")
    if not sftp:
        pytest.skip("OpenSSH is not installed")
    for name in ("right", "wrong"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(make, check=True)
    lines = drop_access.read_keys((tmp_path / "right.pub").read_text())
    drop_access.set_keys(yard.session, audit.PORTAL, yard.alice, yard.access_of(yard.access.source), lines)
    yard.session.commit()
    (tmp_path / "bestand.csv").write_bytes(stock("A1"))
    public = (yard.settings.data_dir / "drop-folders" / "host_key.pub").read_text()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{yard.port} {public}")
    listed = subprocess.run(
        ["ssh-keygen", "-lf", str(yard.settings.data_dir / "drop-folders" / "host_key.pub")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert fingerprint(yard.settings.data_dir).split()[1] in listed

    def send(key: str, *commands: str) -> subprocess.CompletedProcess[str]:
        settings = ("IdentitiesOnly=yes", "BatchMode=yes", f"UserKnownHostsFile={tmp_path / 'known'}")
        batch = tmp_path / "batch"
        batch.write_text("\n".join(commands) + "\n")
        options = [*("-F", "none", "-b", str(batch), "-i", str(tmp_path / key))]
        options += [word for one in settings for word in ("-o", one)]
        return subprocess.run(
            [sftp, *options, "-P", str(yard.port), f"{yard.access.login}@127.0.0.1"],
            capture_output=True,
            text=True,
            check=False,
        )

    file = tmp_path / "bestand.csv"
    assert send("wrong", f"put {file}").returncode != 0
    done = send("right", f"put -p {file} neu.tmp", "rename neu.tmp bestand.csv", "ls -l")
    assert done.returncode == 0, done.stderr
    assert "bestand.csv" in done.stdout
    assert [one.state for one in yard.taken()] == [PickupState.TAKEN]
    refused = send("right", f"put {tmp_path / 'known'} known.sh")
    assert "Permission denied" in refused.stderr, "all that OpenSSH says of a reason"
    assert send("right", f"get bestand.csv {tmp_path / 'back.csv'}", "rm bestand.csv").returncode == 0
    assert (tmp_path / "back.csv").read_bytes() == stock("A1")


@pytest.mark.parametrize("how", ["inactive", "no right", "other location", "other password", "removed"])
def test_whoever_may_no_longer_is_out_at_once_and_leaves_nothing(yard: Yard, how: str) -> None:
    with yard.client() as client:
        half = client.open("bestand.csv", "wb")
        half.write(stock("A1"))
        half.flush()
        user = yard.session.get_one(User, yard.alice.id)
        if how == "inactive":
            user.active = False
        elif how == "no right":
            user.rights = ["view"]
        elif how == "other location":
            user.location_ids = [yard.build.location(yard.dealer, "KI").id]
        elif how == "other password":
            access = yard.access_of(yard.access.source)
            drop_access.new_password(yard.session, audit.PORTAL, user, access)
        else:
            yard.session.delete(yard.access_of(yard.access.source))
        yard.session.commit()
        with pytest.raises((OSError, EOFError)):
            put(client, "another.csv", stock("A2"))
        until(lambda: not any((yard.root() / "arriving").iterdir()))
    with pytest.raises(paramiko.AuthenticationException), yard.client():
        pass
    assert list((yard.root() / "files").iterdir()) == []


def test_somebody_else_takes_a_resting_access_over(yard: Yard) -> None:
    yard.session.get_one(User, yard.alice.id).active = False
    bob = yard.build.user("bob", yard.dealer, rights=("edit_vehicles",))
    access = yard.access_of(yard.access.source)
    yard.access.password = drop_access.new_password(yard.session, audit.PORTAL, bob, access)
    yard.session.commit()
    with yard.client() as client:
        assert lies(client) == set()


def test_passwords_can_be_guessed_only_so_often(yard: Yard) -> None:
    right, yard.access.password = yard.access.password, "wrong"
    for _ in range(MOST_AT_LOGIN):
        with pytest.raises(paramiko.SSHException), yard.client():
            pass
    yard.access.password = right
    with pytest.raises((paramiko.SSHException, EOFError)), yard.client():
        pass


def test_attempts_count_by_place_and_are_forgotten() -> None:
    now = 0.0
    attempts = Attempts(lambda: now)
    for _ in range(MOST_AT_LOGIN):
        assert attempts.admit("alice", "192.0.2.1")
        attempts.fail("alice", "192.0.2.1")
    assert not attempts.admit("alice", "192.0.2.1")
    assert attempts.admit("alice", "192.0.2.2"), "nobody locks her out from elsewhere"
    assert attempts.admit("bob", "192.0.2.1")
    for number in range(40):
        attempts.fail(f"login {number}", "192.0.2.1")
    assert not attempts.admit("bob", "192.0.2.1")
    now = 16 * 60.0
    assert attempts.admit("alice", "192.0.2.1")


def test_an_unknown_layout_waits_for_its_columns(yard: Yard) -> None:
    with yard.client() as client:
        put(client, "bestand.zip", zipped(text_file(HEADER, GOLF, A3), A1_1=b"picture"))
        [pickup] = yard.taken()
    assert pickup.state == PickupState.UNMAPPED
    assert yard.session.get_one(StockUpload, pickup.upload_id).file_name == "bestand.zip"
    assert yard.stock() == set()


def test_a_server_that_is_killed_leaves_what_was_whole_and_nothing_else(
    build: Build, drop_settings: Settings, tmp_path: Path
) -> None:
    yard = Yard(build, drop_settings)
    yard.port = free_port()
    bounds = {"MAX_UPLOAD_MB": "1", "DROP_QUOTA_MB": "2", "DROP_PORT": str(yard.port)}
    places = {"DATABASE_URL": drop_settings.database_url, "REDIS_URL": drop_settings.redis_url}
    environment = plain_environment(**places, **bounds, PORTAL_DATA_DIR=str(drop_settings.data_dir))
    command = [sys.executable, "-m", "portal.drop_folders"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: "serving on port" in (tmp_path / "log").read_text() or process.poll() is not None)
        with yard.client() as client:
            half = client.open("bestand.csv", "wb")
            half.write(stock("A1"))
            half.flush()
            until(lambda: any((yard.root() / "arriving").iterdir()))
            with pytest.raises(AlreadyServed), serving(yard.settings):
                pytest.fail("two servers share a folder")
            process.kill()
            process.wait()
    finally:
        process.kill()
    (yard.root() / "files" / "anderes.csv").write_bytes(stock("B1"))
    (yard.root() / "waiting" / "anderes.csv").touch()
    with serving(yard.settings) as yard.port, yard.client() as client:
        assert [one.file_name for one in yard.taken()] == ["anderes.csv"]
        assert lies(client) == {"anderes.csv"}
        assert list((yard.root() / "arriving").iterdir()) == []
        put(client, "bestand.csv", stock("A1"))
        assert len(yard.taken(2)) == 2
    assert yard.stock() == {"A1"}
