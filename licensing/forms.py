"""Forms of the import pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.principal import Principal
from licensing.importing.fields import RowForm
from licensing.models import ImportBatch
from licensing.ports import bindings


class UploadForm(forms.Form):
    """A file, what it contains, and where it comes from: the mapping of columns is remembered per source."""

    kind = forms.ChoiceField(label=_("What does the file contain?"))
    file = forms.FileField(
        label=_("File"), help_text=_("CSV or XLSX, at most 25 MB. Nothing is written before you have seen every row.")
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=100,
        help_text=_("Where the file comes from, such as “ERP export”. Its columns are recognised again next time."),
    )

    def __init__(self, principal: Principal, *args: Any, **kwargs: Any) -> None:
        """Offers the kinds that the principal may import."""
        super().__init__(*args, **kwargs)
        kinds = bindings.import_kinds.items()
        kind: Any = self.fields["kind"]
        kind.choices = [(name, one.form.label) for name, one in kinds if principal.may(one.needs)]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_FILE_LIMIT:
            raise forms.ValidationError(
                _("The file is larger than 25 MB. Split it, or remove columns that are not needed.")
            )
        return file


class MappingForm(forms.Form):
    """One choice per declared field: which column of the file feeds it."""

    def __init__(self, batch: ImportBatch, form: RowForm[Any], header: tuple[str, ...], *args: Any) -> None:
        super().__init__(*args)
        choices: list[Any] = [
            ("", _("— not in the file —")),
            *((str(index), name or f"{index + 1}") for index, name in enumerate(header)),
        ]
        taken = {heading: str(index) for index, heading in enumerate(header)}
        for field in form.fields:
            self.fields[field.name] = forms.ChoiceField(
                label=str(field.label),
                choices=choices,
                required=False,
                initial=taken.get(batch.mapping.get(field.name, ""), ""),
            )

    def choices(self) -> dict[str, int | None]:
        return {name: int(value) if value else None for name, value in self.cleaned_data.items()}
