"""REST of compliance/."""

from compliance.rest.changes import ROUTES as CHANGES
from compliance.rest.violations import ROUTES as VIOLATIONS

ROUTES = (*VIOLATIONS, *CHANGES)
