"""The directory of an organisation: people who may never sign in, their groups, units and devices."""

import uuid

from django.db import models
from django.db.models import F, Q

from identity.models.organizations import OrganizationOwned


class OrgUnit(OrganizationOwned):
    """A department or cost centre; a tree."""

    code = models.TextField()
    name = models.TextField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="identity_org_unit_code"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="identity_org_unit_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Person(OrganizationOwned):
    """The directory record of one human. `active` decides whether seats may be held; `left_at` says since when not.

    `pseudonym` stands for the person in the ledger. Rows are never deleted; an erasure empties them (`erased_at`).
    """

    pseudonym = models.UUIDField(default=uuid.uuid4, editable=False)
    external_id = models.TextField(blank=True)
    user_name = models.TextField()
    # Stored twin, see Account.email_lower.
    user_name_lower = models.TextField(editable=False)
    given_name = models.TextField(blank=True)
    family_name = models.TextField(blank=True)
    display_name = models.TextField(blank=True)
    title = models.TextField(blank=True)
    department = models.TextField(blank=True)
    org_unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    territory = models.CharField(max_length=2, blank=True)
    employee_number = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True)
    legal_hold = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "user_name_lower"], name="identity_person_user_name"),
            models.UniqueConstraint(
                fields=["organization", "external_id"], condition=~Q(external_id=""), name="identity_person_external_id"
            ),
            models.UniqueConstraint(fields=["organization", "pseudonym"], name="identity_person_pseudonym"),
            models.CheckConstraint(
                condition=Q(active=True, left_at__isnull=True) | Q(active=False, left_at__isnull=False),
                name="identity_person_left_when_inactive",
            ),
        ]
        indexes = [models.Index(fields=["organization", "employee_number"], name="identity_person_employee_no")]

    def __str__(self) -> str:
        return self.display_name or self.user_name


class PersonEmail(OrganizationOwned):
    """An address of a person; at most one is primary."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="emails")
    value = models.TextField()
    value_lower = models.TextField(editable=False)
    kind = models.TextField(default="work")
    primary = models.BooleanField(default=False)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person", "value_lower"], name="identity_person_email_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "person"], condition=Q(primary=True), name="identity_person_email_one_primary"
            ),
        ]
        indexes = [models.Index(fields=["organization", "value_lower"], name="identity_person_email_value")]

    def __str__(self) -> str:
        return self.value


class DirectoryGroup(OrganizationOwned):
    """A group that a directory service or an administrator keeps."""

    external_id = models.TextField(blank=True)
    display_name = models.TextField()
    display_name_lower = models.TextField(editable=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "display_name_lower"], name="identity_group_name"),
            models.UniqueConstraint(
                fields=["organization", "external_id"], condition=~Q(external_id=""), name="identity_group_external_id"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class GroupMember(OrganizationOwned):
    """A person is in a group."""

    group = models.ForeignKey(DirectoryGroup, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="groups")
    since = models.DateTimeField()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "group", "person"], name="identity_group_member_once")
        ]


class Device(OrganizationOwned):
    """A computer on which software runs. `cores` is the number of physical cores, `source` who reported it."""

    hostname = models.TextField()
    hostname_lower = models.TextField(editable=False)
    serial = models.TextField(blank=True)
    cores = models.IntegerField(null=True, blank=True)
    platform = models.TextField(blank=True)
    territory = models.CharField(max_length=2, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="devices")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    source = models.TextField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "hostname_lower"], name="identity_device_hostname"),
            models.UniqueConstraint(
                fields=["organization", "serial"], condition=~Q(serial=""), name="identity_device_serial"
            ),
            models.CheckConstraint(condition=Q(cores__isnull=True) | Q(cores__gte=1), name="identity_device_has_cores"),
        ]

    def __str__(self) -> str:
        return self.hostname
