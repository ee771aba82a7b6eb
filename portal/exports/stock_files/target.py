"""Where an activation's file goes: settings and opened secrets as the transports read them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, undefer

from config import Settings
from portal.delivery import EgressPolicy, StepResult, StepState, Target, test_connection
from portal.delivery.mail import sender
from portal.exports.core.runtime import Runtime
from portal.exports.stock_files.build import file_side
from portal.models.accounts import Dealer
from portal.models.exports import Activation
from portal.models.runs import RunFile
from portal.platforms.common.delivery_settings import DIRECT, IMPLICIT_FTPS, recipients
from portal.platforms.contract.files import Transport
from portal.security.vault import Sealed, Vault

log = logging.getLogger(__name__)
TRANSPORT_SETTING, UPLOAD_SETTING = "transport", "upload"
TARGET_SETTINGS: Mapping[str, str] = {
    "host": "host",
    "port": "port",
    "username": "user",
    "password": "password",
    "private_key": "private_key",
    "folder": "folder",
    "url": "upload_url",
    "recipient": "recipients",
    "subject": "subject",
}
"""Members of a target and the settings (portal/platforms/common/delivery_settings.py) that they come from."""
TRIAL_FILE = "bestand.csv"
"""Name of the file when only the connection is tried."""
FOLDER_TRANSPORTS = (Transport.SFTP, Transport.FTPS, Transport.FTP)
"""Where a report can lie beside the file."""


@lru_cache
def egress_policy(settings: Settings) -> EgressPolicy:
    world = EgressPolicy(
        allow=tuple(ip_network(network) for network in settings.delivery_allow_private),
        authorities=Path(settings.delivery_ca_file) if settings.delivery_ca_file else None,
    )
    return replace(world, send=sender(settings.smtp_url, world))


@dataclass(frozen=True)
class Artifact:
    """What of a file matters to its way."""

    file_name: str
    media_type: str = "application/octet-stream"
    dealer_name: str = ""


def transport_of(settings: Mapping[str, Any], offered: tuple[Transport, ...]) -> Transport:
    """What the dealer chose, else the app's first way."""
    chosen = settings.get(TRANSPORT_SETTING)
    return Transport(chosen) if chosen in offered else offered[0]


def chosen_transport(activation: Activation) -> Transport:
    return transport_of(activation.settings, file_side(activation).transports)


def open_secrets(session: Session, vault: Vault, activation_id: object) -> dict[str, Any]:
    """The secret settings of an activation. Without the key none: then the login fails, and says so."""
    found = session.get_one(Activation, activation_id, options=[undefer(Activation.secrets)])
    try:
        return vault.open(found.id, found.secrets)
    except Sealed as error:
        log.error("secrets of %s cannot be read: %s", activation_id, error)
        return {}


def target_of(
    surroundings: Settings,
    transport: Transport,
    settings: Mapping[str, Any],
    parcel: Artifact,
    host_key: str = "",
) -> Target:
    """`settings` with the secret ones among them."""
    given = {member: settings[name] for member, name in TARGET_SETTINGS.items() if settings.get(name)}
    usual = {"subject": f"Fahrzeugbestand {parcel.dealer_name}".strip()}
    return Target(
        transport=transport,
        file_name=parcel.file_name,
        media_type=parcel.media_type,
        host_key=host_key,
        direct=settings.get(UPLOAD_SETTING) == DIRECT,
        implicit_tls=transport == Transport.FTPS and settings.get("port") == IMPLICIT_FTPS,
        sender=surroundings.mail_from,
        text=f"Guten Tag,\n\nim Anhang der aktuelle Fahrzeugbestand von {parcel.dealer_name}.\n",
        **(usual | given),
    )


def find_target(
    session: Session, runtime: Runtime, activation: Activation, transport: Transport, file: RunFile | None
) -> Target:
    dealer = session.get_one(Dealer, activation.dealer_id)
    parcel = (
        Artifact(file.name, file.media_type, dealer.name)
        if file
        else Artifact(TRIAL_FILE, dealer_name=dealer.name)
    )
    settings = dict(activation.settings) | open_secrets(session, runtime.vault, activation.id)
    return target_of(runtime.settings, transport, settings, parcel, activation.host_key)


def one_for_each_recipient(target: Target) -> list[Target]:
    """One for each recipient of a mail: a mail goes to one address."""
    if target.transport != Transport.MAIL:
        return [target]
    return [replace(target, recipient=address) for address in recipients(target.recipient)]


def try_connection(target: Target, reach: EgressPolicy) -> tuple[StepResult, ...]:
    """The steps of the connection, of the first recipient with whom one fails."""
    steps: tuple[StepResult, ...] = ()
    for one in one_for_each_recipient(target) or [target]:
        steps = test_connection(one, reach)
        if not all_passed(steps):
            break
    return steps


def all_passed(steps: Iterable[StepResult]) -> bool:
    return all(step.state != StepState.FAILED for step in steps)
