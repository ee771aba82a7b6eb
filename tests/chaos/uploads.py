"""File apps: a hundred uploads whose connection is cut in the middle."""

from __future__ import annotations

from tests.conftest import open_folder
from tests.delivery.conftest import inventory
from tests.delivery.cutting import Tally, cut_uploads
from tests.marketplace import open_marketplace

TIMES = 100
TRANSPORT = "sftp"


def cut_a_hundred_uploads() -> Tally:
    """After every cut and every upload the file at the server is one complete generation; asserted."""
    with open_marketplace(open_folder()) as marketplace:
        target, policy = marketplace.target(TRANSPORT), marketplace.egress_policy()
        return cut_uploads(marketplace, target, policy, _generation, TIMES)


def _generation(number: int) -> bytes:
    return inventory(*(f"A-{number}-{row}" for row in range(200 + number)))
