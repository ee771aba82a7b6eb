"""All tables; importing this package registers them with the metadata."""

from portal.models.accounts import Dealer, Location, LoginSession, LoginThrottle, User
from portal.models.base import Base
from portal.models.exports import Activation, ImageUpload, Listing, ReferenceList, Transfer, TransferState
from portal.models.vehicles import ImageBlob, ImportRow, Publication, Vehicle, VehicleImage, VehicleImport

__all__ = [
    "Activation",
    "Base",
    "Dealer",
    "ImageBlob",
    "ImageUpload",
    "ImportRow",
    "Listing",
    "Location",
    "LoginSession",
    "LoginThrottle",
    "Publication",
    "ReferenceList",
    "Transfer",
    "TransferState",
    "User",
    "Vehicle",
    "VehicleImage",
    "VehicleImport",
]
