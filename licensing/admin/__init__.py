"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import (
    activations,
    bought_keys,
    catalogue,
    certificates,
    license_types,
    licenses,
    rights,
    signing_keys,
)

PAGES = (
    *catalogue.PAGES,
    *rights.PAGES,
    *license_types.PAGES,
    *licenses.PAGES,
    *activations.PAGES,
    *certificates.PAGES,
    *bought_keys.PAGES,
    *signing_keys.PAGES,
)
