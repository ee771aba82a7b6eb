"""The manifest of an app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portal.messages import Wording
from portal.platforms.contract.api import Platform
from portal.platforms.contract.environment import ApiAccess, Variable
from portal.platforms.contract.fields import SettingField
from portal.platforms.contract.files import FileSide
from portal.vehicle_facts.data import Kind

EUR = "EUR"


@dataclass(frozen=True)
class Booking:
    """A paid extra of the platform (Zusatzbuchung)."""

    code: str
    label: Wording


@dataclass(frozen=True)
class ExportApp:
    """The manifest: an entry of the app store."""

    slug: str
    name: Wording
    summary: Wording
    """One line, at most 80 characters."""
    kind: Literal["api", "file"]
    countries: tuple[str, ...]
    fields: tuple[SettingField, ...]
    connect: Callable[[ApiAccess], Platform] | None = None
    """API apps."""
    environment: tuple[Variable, ...] = ()
    """The variables that `connect` needs; for each API app one with the key `api_url`."""
    file: FileSide | None = None
    """File apps."""
    market: str = ""
    """Slug of the platform where several apps serve one (mobile.de's API and its CSV upload)."""
    currency: str = EUR
    """Of the dealer's own price on this platform. Prices are never converted."""
    own_numbers: bool = False
    """The customer number is unique at a dealer only: the app reaches receivers that know nothing of each
    other."""
    vouched_numbers: bool = True
    """A number names an account that the platform gave to one dealer, so somebody has to vouch for it. Not so
    where the portal itself gives it, or where it is the name of the dealer's own website."""
    composed: bool = False
    """What it sends is put together by the dealer, on the pages of the configurator."""
    included_in: str = ""
    """Slug of the app that reaches this platform too: shown in the store for its status, not activated."""
    parallel: int = 8
    bookings: tuple[Booking, ...] = ()
    idempotent_create: bool = True
    clears_pictures: bool = True
    """Whether a listing there can be told to have no picture any more."""
    reconciles: bool = False
    """Its own list tells enough of each listing to match it with our stock before the first write."""
    lists_summaries: bool = False
    """Its list names its listings only: what stands in them is read one by one (`Client.details`)."""
    figures_at_once: int = 0
    """Of so many listings at a time it is asked how buyers meet them (`Client.figures`), once a day; 0: it
    does not tell."""
    rates_prices: bool = False
    """It says of a vehicle that is not online yet how its price stands; its clients are `RatingClient`s."""
    keeps_trials_apart: bool = False
    """It stores listings that nobody sees, for trials; its platform is a `TrialPlatform`."""
    labels: Mapping[str, Wording] = field(default_factory=dict)
    """Names of payload paths ("price.consumerPriceGross"), for field differences."""
    sends: tuple[Wording, ...] = ()
    """What is transferred, for the details page: short phrases."""
    rhythm: Wording = ""
    needs: tuple[Wording, ...] = ()
    """What the dealer does at the platform before activating, in order."""
    cost_notice: Wording = ""
    manual_url: str = ""
    search_words: tuple[str, ...] = ()
    """What dealers call it besides, for the search of the store: former names, short forms, sister brands."""
    icon: str = "car"
    kinds: tuple[Kind, ...] = tuple(Kind)

    @property
    def platform(self) -> str:
        """What the customer number belongs to: one number of a platform has one dealer and one app."""
        return self.market or self.slug

    def api(self, settings: Any) -> Platform:
        """`settings` is the process's `config.Settings`. ValueError for a file app."""
        if self.connect is None:
            raise ValueError(f"{self.slug} has no API")
        return self.connect(ApiAccess(settings.platforms[self.slug], settings.operator_name))
