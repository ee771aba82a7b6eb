"""What a dealer says of a source: where the file is, as whom it is fetched, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from portal.delivery import Target
from portal.messages import Wording, say
from portal.platforms.common.delivery_settings import (
    IMPLICIT_FTPS,
    SERVERS,
    TRANSPORT_LABELS,
    delivery_settings,
)
from portal.platforms.contract.fields import Option, SettingField
from portal.platforms.contract.files import Transport

TRANSPORTS = (*SERVERS, Transport.HTTPS)
LABELS: Mapping[str, Wording] = {
    **{transport: TRANSPORT_LABELS[transport] for transport in SERVERS},
    Transport.HTTPS: say("Adresse im Internet (HTTPS)"),
}
DROP_FOLDER = "drop_folder"
"""The way of a source whose files are brought: the portal's own SFTP server (`portal/drop_folders`)."""
PLACE = ("transport", "host", "port", "user", "url")
"""Who is on the other side, and as whom one logs in there: a stored secret is shown to nobody else."""
MEMBERS: Mapping[str, str] = {
    "host": "host",
    "port": "port",
    "username": "user",
    "password": "password",
    "private_key": "private_key",
    "folder": "folder",
    "file_name": "file_name",
    "url": "url",
}
"""Members of a target and the settings that they come from."""
_DELIVERY = {field.name: field for field in delivery_settings(TRANSPORTS, ("05:00",))}
FIELDS: tuple[SettingField, ...] = (
    replace(
        _DELIVERY["transport"],
        options=tuple(Option(transport, LABELS[transport]) for transport in TRANSPORTS),
    ),
    _DELIVERY["host"],
    _DELIVERY["port"],
    replace(
        _DELIVERY["upload_url"],
        name="url",
        label=say("Adresse der Datei"),
        help=say("Vollständig mit https://. Sie darf geheime Bestandteile haben."),
    ),
    _DELIVERY["user"],
    replace(_DELIVERY["password"], void_with=PLACE),
    replace(_DELIVERY["private_key"], void_with=PLACE),
    _DELIVERY["folder"],
    replace(
        _DELIVERY["file_name"],
        help=say("Zum Beispiel bestand.csv oder bestand.zip. Die Datei bleibt dort liegen."),
        required=True,
        when=("transport", SERVERS),
        longest=200,
        pattern=r"[^/\\]+",
        pattern_text=say("Nur der Name der Datei, ohne Schrägstriche. Der Ordner hat ein eigenes Feld."),
    ),
    replace(
        _DELIVERY["schedule"],
        label=say("Abholen um"),
        help=say(
            "Zu diesen Zeiten (Deutschland) wird die Datei abgeholt, verteilt über die Dreiviertelstunde "
            "danach."
        ),
    ),
)


def target_of(settings: Mapping[str, Any], secrets: Mapping[str, Any], host_key: str) -> Target:
    """Where the file is; `settings` without the secret ones."""
    given = {**settings, **secrets}
    members = {member: given[name] for member, name in MEMBERS.items() if given.get(name)}
    implicit = given.get("transport") == Transport.FTPS and given.get("port") == IMPLICIT_FTPS
    return Target(str(given["transport"]), host_key=host_key, implicit_tls=implicit, **members)


def file_name_of(settings: Mapping[str, Any]) -> str:
    """How the file is called; of an address its last part, empty for a drop folder."""
    if settings.get("transport") == Transport.HTTPS:
        path = unquote(urlsplit(str(settings.get("url", ""))).path)
        return path.rpartition("/")[2] or "bestand"
    return str(settings.get("file_name", ""))


def receiver_of(settings: Mapping[str, Any]) -> str:
    """The server, for the list and the audit log: the rest of an address may be a secret."""
    if settings.get("transport") == Transport.HTTPS:
        return urlsplit(str(settings.get("url", ""))).hostname or ""
    return str(settings.get("host", ""))
