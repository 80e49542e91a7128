"""What identity needs of the apps above: what else a new organisation starts with."""

from typing import Protocol

from kernel.trail import Trail


class OrganizationCreated(Protocol):
    """Called in the trail in which an organisation is set up: licensing draws its signing key."""

    def __call__(self, *, trail: Trail) -> object: ...


class Bindings:
    """Set once by config.composition."""

    organization_created: OrganizationCreated


bindings = Bindings()
