"""The dealer's account at a platform, and the check of his customer number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portal.platforms.contract.remote import Json


@dataclass(frozen=True)
class Account:
    """The dealer's account at the platform, as the platform describes it."""

    customer_number: str
    seller_key: str
    company_name: str = ""
    read_only: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    """For example `max_images`, `max_highlights`."""

    def as_json(self) -> Json:
        return {
            "customer_number": self.customer_number,
            "seller_key": self.seller_key,
            "company_name": self.company_name,
            "read_only": self.read_only,
            "limits": dict(self.limits),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Account:
        return cls(**dict(data))


CustomerStatus = Literal["ok", "unknown", "not_linked", "read_only", "credentials", "unavailable"]


@dataclass(frozen=True)
class CustomerCheck:
    """Result of the live check of a customer number; `text` is German and says what to do."""

    status: CustomerStatus
    text: str
    account: Account | None = None
