"""Writes of seats/: capacity is kept behind these, by the pool's row lock and by a constraint."""

from seats.operations.admission import CapacityExceeded, QuantityDiffers, ReasonRequired
from seats.operations.assigning import (
    LeftOut,
    Placed,
    Placement,
    Preview,
    assign,
    assign_many,
    preview_assign_many,
)
from seats.operations.holders import (
    DeviceRetired,
    HolderNotFound,
    HolderUnclear,
    PersonInactive,
    QuantityInvalid,
    SeatRequest,
    SeatTermInvalid,
)
from seats.operations.pools import (
    CapacityAboveRights,
    CapacityBelowUse,
    NewPool,
    PoolExists,
    PoolNotFound,
    SourceDoesNotFit,
    SourceTaken,
    create_pool,
    feed_from,
    feed_pool,
    set_capacity,
)
from seats.operations.recounting import Mismatch, recount
from seats.operations.releasing import AssignmentNotFound, ReleaseReasonRequired, release, release_many

__all__ = [
    "AssignmentNotFound",
    "CapacityAboveRights",
    "CapacityBelowUse",
    "CapacityExceeded",
    "DeviceRetired",
    "HolderNotFound",
    "HolderUnclear",
    "LeftOut",
    "Mismatch",
    "NewPool",
    "PersonInactive",
    "Placed",
    "Placement",
    "PoolExists",
    "PoolNotFound",
    "Preview",
    "QuantityDiffers",
    "QuantityInvalid",
    "ReasonRequired",
    "ReleaseReasonRequired",
    "SeatRequest",
    "SeatTermInvalid",
    "SourceDoesNotFit",
    "SourceTaken",
    "assign",
    "assign_many",
    "create_pool",
    "feed_from",
    "feed_pool",
    "preview_assign_many",
    "recount",
    "release",
    "release_many",
    "set_capacity",
]
