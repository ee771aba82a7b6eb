"""Whom to believe."""

from __future__ import annotations

import ssl

from portal.delivery.contract import Failure, Reach, Step

UNREADABLE = (
    "Das Portal findet die Liste der anerkannten Stellen nicht, nach der es Zertifikate prüft. "
    "Wenden Sie sich an seinen Betreiber."
)


def context(reach: Reach) -> ssl.SSLContext:
    """Certificates are verified, names too: the system's authorities and those of the surroundings."""
    trust = ssl.create_default_context()
    if reach.authorities is not None:
        try:
            trust.load_verify_locations(reach.authorities)
        except OSError as error:
            raise Failure(Step.CERTIFICATE, UNREADABLE, retryable=True) from error
    return trust
