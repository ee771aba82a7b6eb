"""Connections that are cut while a file is on its way; the chaos suite plays it too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from portal import delivery
from portal.delivery import Delivered, EgressPolicy, Target, Undelivered
from tests.marketplace import Marketplace


@dataclass
class Tally:
    """How often what happened."""

    delivered: int = 0
    cut: int = 0


def cut_uploads(
    marketplace: Marketplace,
    target: Target,
    policy: EgressPolicy,
    make: Callable[[int], bytes],
    times: int,
    share: float = 0.6,
) -> Tally:
    """Deliver `times` generations, each first over a connection that is cut after this share of the file.

    Asserts after every attempt that the file at the server is, whole, the last generation that arrived.
    """
    tally, lying = Tally(), _lying(marketplace, target)
    for number in range(times):
        content = make(number)
        marketplace.fault("reset", "store", count=1, afterBytes=int(len(content) * share))
        outcome = delivery.deliver(target, BytesIO(content), policy)
        assert isinstance(outcome, Undelivered), f"generation {number}: {outcome}"
        assert outcome.retryable
        tally.cut += 1
        assert _lying(marketplace, target) == lying, f"generation {number} was cut, the file is another"
        if number % 2:
            assert isinstance(delivery.deliver(target, BytesIO(content), policy), Delivered)
            tally.delivered += 1
            lying = sha256(content).hexdigest()
            assert _lying(marketplace, target) == lying
    return tally


def _lying(marketplace: Marketplace, target: Target) -> str | None:
    """SHA-256 of what lies at the server under the file's name."""
    found = marketplace.files(target.username, target.folder).get(target.file_name)
    return found["sha256"] if found else None
