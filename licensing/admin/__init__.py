"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import (
    activations,
    agreements,
    bought_keys,
    bundles,
    catalogue,
    certificates,
    features,
    license_types,
    licenses,
    parties,
    releases,
    rights,
    signing_keys,
    usage,
    validations,
)

PAGES = (
    *catalogue.PAGES,
    *parties.PAGES,
    *agreements.PAGES,
    *rights.PAGES,
    *license_types.PAGES,
    *licenses.PAGES,
    *activations.PAGES,
    *certificates.PAGES,
    *bought_keys.PAGES,
    *signing_keys.PAGES,
    *features.PAGES,
    *releases.PAGES,
    *bundles.PAGES,
    *usage.PAGES,
    *validations.PAGES,
)
