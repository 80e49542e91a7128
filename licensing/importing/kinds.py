"""The kinds of sheet that can be imported, by name. Who plans and writes them: `licensing.ports.ImportKind`."""

from collections.abc import Mapping
from typing import Any

from licensing.importing.assignments import ASSIGNMENTS
from licensing.importing.entitlements import ENTITLEMENTS
from licensing.importing.fields import RowForm
from licensing.importing.last_uses import LAST_USES

FORMS: Mapping[str, RowForm[Any]] = {form.name: form for form in (ENTITLEMENTS, ASSIGNMENTS, LAST_USES)}
