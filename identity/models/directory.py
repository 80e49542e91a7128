"""The directory of an organisation: people who may never sign in, their groups, units and devices."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.organizations import OrganizationOwned


class UnitKind(models.TextChoices):
    DEPARTMENT = "department", _("Department")
    COST_CENTRE = "cost_centre", _("Cost centre")


class OrgUnit(OrganizationOwned):
    """A department or cost centre; a tree. `approver` decides requests of its people, `finance_owner` answers for what
    it spends; where a unit names nobody, the next one above it counts."""

    kind = models.TextField(_("kind"), choices=UnitKind.choices, default=UnitKind.DEPARTMENT)
    code = models.TextField(_("code"))
    name = models.TextField(_("name"))
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("parent")
    )
    approver = models.ForeignKey(
        "Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units_to_approve_for",
        verbose_name=_("approver"),
    )
    finance_owner = models.ForeignKey(
        "Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units_to_pay_for",
        verbose_name=_("finance owner"),
    )

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="identity_org_unit_code"),
            models.CheckConstraint(
                condition=~Q(parent=F("id")),
                name="identity_org_unit_not_own_parent",
                violation_error_message=_("A unit does not belong to itself; choose another one above it, or none."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Person(OrganizationOwned):
    """The directory record of one human. `active` decides whether seats may be held; `left_at` says since when not.

    `pseudonym` stands for the person in the ledger. Rows are never deleted; an erasure empties them (`erased_at`), and
    one that turned out to be somebody else's twin points at that row (`merged_into`) and stays inactive.
    What a directory service deleted (`deleted_at`) is kept for the record, and its names are free for others.
    """

    pseudonym = models.UUIDField(_("pseudonym"), default=uuid.uuid4, editable=False)
    external_id = models.TextField(_("external ID"), blank=True)
    user_name = models.TextField(_("user name"))
    # Stored twin, see Account.email_lower.
    user_name_lower = models.TextField(editable=False)
    given_name = models.TextField(_("given name"), blank=True)
    family_name = models.TextField(_("family name"), blank=True)
    display_name = models.TextField(_("display name"), blank=True)
    formatted_name = models.TextField(_("full name"), blank=True, default="", db_default="")
    nick_name = models.TextField(_("nickname"), blank=True, default="", db_default="")
    title = models.TextField(_("title"), blank=True)
    user_type = models.TextField(_("kind of employment"), blank=True, default="", db_default="")
    preferred_language = models.TextField(_("preferred language"), blank=True, default="", db_default="")
    locale = models.TextField(_("locale"), blank=True, default="", db_default="")
    time_zone = models.TextField(_("time zone"), blank=True, default="", db_default="")
    company = models.TextField(_("company"), blank=True, default="", db_default="")
    division = models.TextField(_("division"), blank=True, default="", db_default="")
    cost_center = models.TextField(_("cost centre"), blank=True, default="", db_default="")
    department = models.TextField(_("department"), blank=True)
    org_unit = models.ForeignKey(
        OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="people", verbose_name=_("unit")
    )
    manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reports", verbose_name=_("manager")
    )
    territory = models.CharField(_("territory"), max_length=2, blank=True)
    employee_number = models.TextField(_("employee number"), blank=True)
    active = models.BooleanField(_("active"), default=True)
    # Whether a directory service says it; one that takes the word back changes nothing about the person.
    active_stated = models.BooleanField(_("active is stated"), default=True, db_default=True, editable=False)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    # Set by whoever keeps something for the person's return, so that a return without any costs no query.
    left_behind = models.BooleanField(_("left something behind"), default=False, db_default=False, editable=False)
    legal_hold = models.BooleanField(_("legal hold"), default=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", verbose_name=_("merged into")
    )
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    version = models.IntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user_name_lower"],
                condition=Q(deleted_at__isnull=True),
                name="identity_person_user_name",
            ),
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~Q(external_id="") & Q(deleted_at__isnull=True),
                name="identity_person_external_id",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(active=False), name="identity_person_deleted_is_inactive"
            ),
            models.UniqueConstraint(fields=["organization", "pseudonym"], name="identity_person_pseudonym"),
            models.CheckConstraint(
                condition=Q(active=True, left_at__isnull=True) | Q(active=False, left_at__isnull=False),
                name="identity_person_left_when_inactive",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(active=False) & ~Q(merged_into=F("id"))),
                name="identity_person_merged_is_inactive",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "employee_number"], name="identity_person_employee_no"),
            # Lists over user names go on after people were deleted; the constraint's index covers the others alone.
            models.Index(fields=["organization", "user_name_lower"], name="identity_person_by_user_name"),
            # Who left within a day: counted at every departure.
            models.Index(
                fields=["organization", "left_at"], condition=Q(active=False), name="identity_person_by_leaving"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or f"{self.given_name} {self.family_name}".strip() or self.user_name


class PersonEmail(OrganizationOwned):
    """An address of a person; at most one is primary."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="emails", verbose_name=_("person"))
    value = models.TextField(_("address"))
    value_lower = models.TextField(editable=False)
    kind = models.TextField(_("kind"), default="work", blank=True)
    primary = models.BooleanField(_("primary"), default=False)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person", "value_lower", "kind"], name="identity_person_email_once"
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

    external_id = models.TextField(_("external ID"), blank=True)
    display_name = models.TextField(_("name"))
    display_name_lower = models.TextField(editable=False)
    version = models.IntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")
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

    group = models.ForeignKey(DirectoryGroup, on_delete=models.CASCADE, related_name="members", verbose_name=_("group"))
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="groups", verbose_name=_("person"))
    since = models.DateTimeField(_("since"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        constraints = [
            models.UniqueConstraint(fields=["organization", "group", "person"], name="identity_group_member_once")
        ]


class Device(OrganizationOwned):
    """A computer on which software runs. `cores` is the number of physical cores, `source` who reported it."""

    hostname = models.TextField(_("host name"))
    hostname_lower = models.TextField(editable=False)
    serial = models.TextField(_("serial number"), blank=True)
    cores = models.IntegerField(_("cores"), null=True, blank=True)
    platform = models.TextField(_("platform"), blank=True)
    territory = models.CharField(_("territory"), max_length=2, blank=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="devices", verbose_name=_("person")
    )
    last_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True)
    source = models.TextField(_("source"), blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(fields=["organization", "hostname_lower"], name="identity_device_hostname"),
            models.UniqueConstraint(
                fields=["organization", "serial"], condition=~Q(serial=""), name="identity_device_serial"
            ),
            models.CheckConstraint(condition=Q(cores__isnull=True) | Q(cores__gte=1), name="identity_device_has_cores"),
        ]

    def __str__(self) -> str:
        return self.hostname
