"""What is licensed: publishers, products, editions and releases, the names they go by, and how use is counted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.conditions import stamped, together


class Publisher(OrganizationOwned):
    """Whose software it is, under the canonical name."""

    name = models.TextField(_("name"))
    name_lower = models.TextField(editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("publisher")
        verbose_name_plural = _("publishers")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name_lower"], name="licensing_publisher_name"),
            models.CheckConstraint(condition=~Q(name_lower=""), name="licensing_publisher_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Product(OrganizationOwned):
    """A piece of software under its canonical name.

    `code` (lower case) is what clients of validation ask for; empty for products that are only bought. `unspsc` is the
    eight-digit class of the UNSPSC, `swid_tag_id` the tagId of ISO/IEC 19770-2.
    """

    publisher = models.ForeignKey(
        Publisher, on_delete=models.PROTECT, related_name="products", verbose_name=_("publisher")
    )
    name = models.TextField(_("name"))
    name_lower = models.TextField(editable=False)
    code = models.TextField(_("code"), blank=True)
    unspsc = models.CharField(_("UNSPSC class"), max_length=8, blank=True)
    swid_tag_id = models.TextField(_("SWID tag ID"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["organization", "publisher", "name_lower"], name="licensing_product_name"),
            models.UniqueConstraint(
                fields=["organization", "code"], condition=~Q(code=""), name="licensing_product_code"
            ),
            models.CheckConstraint(condition=~Q(name_lower=""), name="licensing_product_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Edition(OrganizationOwned):
    """A variant of a product that is licensed on its own, such as "Professional" or "2024"."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="editions", verbose_name=_("product"))
    name = models.TextField(_("name"))
    name_lower = models.TextField(editable=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.UniqueConstraint(fields=["organization", "product", "name_lower"], name="licensing_edition_name"),
            models.CheckConstraint(condition=~Q(name_lower=""), name="licensing_edition_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ReleaseChannel(models.TextChoices):
    STABLE = "stable", _("Stable")
    CANDIDATE = "rc", _("Release candidate")
    BETA = "beta", _("Beta")
    ALPHA = "alpha", _("Alpha")


class ReleaseStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    YANKED = "yanked", _("Yanked")


class Release(OrganizationOwned):
    """One version of a product, as Semantic Versioning 2.0.0 writes it (major.minor.patch, optional pre-release).

    `released_at` decides which maintenance covers it; a yanked release keeps it. Licences need all `required_features`
    (codes) to run it.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="releases", verbose_name=_("product"))
    version = models.TextField(_("version"))
    channel = models.TextField(_("channel"), choices=ReleaseChannel.choices, default=ReleaseChannel.STABLE)
    status = models.TextField(_("status"), choices=ReleaseStatus.choices, default=ReleaseStatus.DRAFT)
    required_features = models.JSONField(_("required features"), default=list, blank=True)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    yanked_at = models.DateTimeField(_("yanked at"), null=True, blank=True)
    yanked_by = models.TextField(_("yanked by"), blank=True)
    yanked_reason = models.TextField(_("reason for yanking"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(fields=["organization", "product", "version"], name="licensing_release_version"),
            models.CheckConstraint(
                condition=Q(status="draft", released_at__isnull=True)
                | (~Q(status="draft") & Q(released_at__isnull=False)),
                name="licensing_release_published_has_time",
            ),
            models.CheckConstraint(
                condition=stamped(Q(status="yanked"), at="yanked_at")
                & together(at="yanked_at", texts=["yanked_by", "yanked_reason"]),
                name="licensing_release_yanked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class ProductAlias(OrganizationOwned):
    """Another name under which a product, or one edition of it, appears in files and discovery tools.

    `alias_normalised` is what is compared: case, spacing and punctuation folded. It names one product only.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="aliases", verbose_name=_("product"))
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="aliases", verbose_name=_("edition")
    )
    alias = models.TextField(_("alias"))
    alias_normalised = models.TextField(editable=False)
    source = models.TextField(_("source"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("product alias")
        verbose_name_plural = _("product aliases")
        db_table = "licensing_product_alias"
        constraints = [
            models.UniqueConstraint(fields=["organization", "alias_normalised"], name="licensing_product_alias_once"),
            models.CheckConstraint(condition=~Q(alias_normalised=""), name="licensing_product_alias_not_empty"),
        ]

    def __str__(self) -> str:
        return self.alias


class MetricSubject(models.TextChoices):
    PERSON = "person", _("Person")
    DEVICE = "device", _("Device")
    SESSION = "session", _("Session at the same time")
    CORE = "core", _("Processor core")
    UNIT = "unit", _("Unit of use")
    SITE = "site", _("Site")


class MetricFunction(models.TextChoices):
    COUNT = "count", _("Count")
    DISTINCT = "distinct", _("Count without repetition")
    PEAK = "peak", _("Peak")
    SUM = "sum", _("Sum")
    PER_CORE = "per_core", _("Cores with minimums and packs")
    TIERED = "tiered", _("Tiers")


class MetricRounding(models.TextChoices):
    UP = "up", _("Up to whole units")
    NEAREST = "nearest", _("To the nearest whole unit, half up")


class Metric(OrganizationOwned):
    """How rights are counted: one version of a definition. Never edited after use; a change is a new version.

    `function` names a rule of licensing.rules, `parameters` are its arguments. The version in force has no
    `superseded_at`.
    """

    code = models.TextField(_("code"))
    version = models.IntegerField(_("version"), default=1)
    name = models.TextField(_("name"))
    subject = models.TextField(_("what is counted"), choices=MetricSubject.choices)
    function = models.TextField(_("way of counting"), choices=MetricFunction.choices, default=MetricFunction.DISTINCT)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    rounding = models.TextField(_("rounding"), choices=MetricRounding.choices, default=MetricRounding.UP)
    created_at = models.DateTimeField(_("created at"))
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        constraints = [
            models.UniqueConstraint(fields=["organization", "code", "version"], name="licensing_metric_version"),
            models.UniqueConstraint(
                fields=["organization", "code"],
                condition=Q(superseded_at__isnull=True),
                name="licensing_metric_current",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="licensing_metric_version_from_one"),
        ]

    def __str__(self) -> str:
        return self.name
