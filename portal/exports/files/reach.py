"""How this installation reaches the servers that dealers name."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path

from config import Settings
from portal.delivery import Reach
from portal.delivery.mail import sender


@lru_cache
def reach_of(settings: Settings) -> Reach:
    return Reach(
        allow=tuple(ip_network(network) for network in settings.delivery_allow_private),
        authorities=Path(settings.delivery_ca_file) if settings.delivery_ca_file else None,
        send=sender(settings.smtp_url),
    )
