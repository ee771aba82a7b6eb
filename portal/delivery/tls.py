"""Whom to believe."""

from __future__ import annotations

import ssl

from portal.delivery.contract import Reach


def context(reach: Reach) -> ssl.SSLContext:
    """Certificates are verified, names too: the system's authorities and those of the surroundings."""
    trust = ssl.create_default_context()
    if reach.authorities is not None:
        trust.load_verify_locations(reach.authorities)
    return trust
