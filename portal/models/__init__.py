"""All tables; importing this package registers them with the metadata."""

from portal.models.accounts import ApiKey, Dealer, Location, LoginSession, LoginThrottle, User
from portal.models.audit import AuditEvent, SupportRequest, SupportSession
from portal.models.base import Base
from portal.models.customer_numbers import CustomerNumber
from portal.models.exports import (
    Activation,
    ActivationLease,
    ImageUpload,
    Listing,
    PlatformBreaker,
    ReferenceList,
    Transfer,
    TransferState,
)
from portal.models.known_models import KnownModel
from portal.models.layouts import StockLayout, StockUpload, StockUploadPart
from portal.models.notifications import Mail, Notification, Problem
from portal.models.previews import StockPreview
from portal.models.runs import (
    ActivationDay,
    CostEvent,
    FeedFetch,
    ListingDay,
    Lock,
    LockedVehicle,
    Match,
    PreparedEntry,
    Run,
    RunFile,
    RunFilePart,
    RunVehicle,
)
from portal.models.sources import DropAccess, StockPickup, StockSource
from portal.models.vehicles import (
    ImageBlob,
    ImportMemory,
    ImportRow,
    IncomingPicture,
    Publication,
    Vehicle,
    VehicleImage,
    VehicleImport,
)
from portal.models.webhooks import WebhookEndpoint, WebhookMessage

__all__ = [
    "Activation",
    "ActivationDay",
    "ActivationLease",
    "ApiKey",
    "AuditEvent",
    "Base",
    "CostEvent",
    "CustomerNumber",
    "Dealer",
    "DropAccess",
    "FeedFetch",
    "ImageBlob",
    "ImageUpload",
    "ImportMemory",
    "ImportRow",
    "IncomingPicture",
    "KnownModel",
    "Listing",
    "ListingDay",
    "Location",
    "Lock",
    "LockedVehicle",
    "LoginSession",
    "LoginThrottle",
    "Mail",
    "Match",
    "Notification",
    "PlatformBreaker",
    "PreparedEntry",
    "Problem",
    "Publication",
    "ReferenceList",
    "Run",
    "RunFile",
    "RunFilePart",
    "RunVehicle",
    "StockLayout",
    "StockPickup",
    "StockPreview",
    "StockSource",
    "StockUpload",
    "StockUploadPart",
    "SupportRequest",
    "SupportSession",
    "Transfer",
    "TransferState",
    "User",
    "Vehicle",
    "VehicleImage",
    "VehicleImport",
    "WebhookEndpoint",
    "WebhookMessage",
]
