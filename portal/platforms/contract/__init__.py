"""The contract between the export engine and a marketplace, under one name.

A platform knows its wire and nothing else: no database, no queue, no Flask. What it needs
from outside (pictures, cached reference data) it is handed as a `Stores`. File apps find theirs in
`contract.files`, the declared settings of both stand in `contract.fields`.
"""

from __future__ import annotations

from portal.platforms.contract.answers import (
    MODEL_OF_GROUP,
    MODEL_OTHER,
    Accepted,
    Account,
    Action,
    Actor,
    Answer,
    CustomerCheck,
    CustomerStatus,
    Exchange,
    Feedback,
    Gone,
    Json,
    Outcome,
    Pending,
    Protected,
    Rejected,
    RemoteFacts,
    RemoteList,
    RemoteListing,
    Retry,
    Stop,
    StopCause,
)
from portal.platforms.contract.api import (
    Client,
    ImageStore,
    Mapper,
    Platform,
    ProcessTokens,
    ReferenceStore,
    ReferenceUnavailable,
    Stores,
    Token,
    TokenStore,
    TrialPlatform,
)
from portal.platforms.contract.environment import ApiAccess, Variable
from portal.platforms.contract.figures import (
    PRICE_LABELS,
    FiguresReport,
    ListingFigures,
    PriceLabel,
    PriceRange,
    PriceRating,
)
from portal.platforms.contract.manifest import (
    EUR,
    Booking,
    ExportApp,
)
from portal.platforms.contract.subject import (
    ImageRef,
    Prepared,
    Rules,
    Subject,
)

__all__ = [
    "EUR",
    "MODEL_OF_GROUP",
    "MODEL_OTHER",
    "PRICE_LABELS",
    "Accepted",
    "Account",
    "Action",
    "Actor",
    "Answer",
    "ApiAccess",
    "Booking",
    "Client",
    "CustomerCheck",
    "CustomerStatus",
    "Exchange",
    "ExportApp",
    "Feedback",
    "FiguresReport",
    "Gone",
    "ImageRef",
    "ImageStore",
    "Json",
    "ListingFigures",
    "Mapper",
    "Outcome",
    "Pending",
    "Platform",
    "Prepared",
    "PriceLabel",
    "PriceRange",
    "PriceRating",
    "ProcessTokens",
    "Protected",
    "ReferenceStore",
    "ReferenceUnavailable",
    "Rejected",
    "RemoteFacts",
    "RemoteList",
    "RemoteListing",
    "Retry",
    "Rules",
    "Stop",
    "StopCause",
    "Stores",
    "Subject",
    "Token",
    "TokenStore",
    "TrialPlatform",
    "Variable",
]
