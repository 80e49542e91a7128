"""The question of an activation, heartbeat or deactivation: that of a validation, with one machine."""

from dataclasses import dataclass, field

import orjson
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from licensing.keyring import peppers
from licensing.questions import MOST_COMPONENTS, MOST_FEATURES, Digests
from licensing.reading import Members, Reader
from licensing.rules.facts import ValidationScope
from licensing.rules.statements import StatedMachine, machine_digests

MEMBERS = frozenset({"key", "nonce", "scope", "machine"})
SCOPE_MEMBERS = frozenset({"product", "version", "features", "country", "fingerprint", "components", "vm", "user"})
MACHINE_MEMBERS = frozenset({"platform", "label"})
LONGEST_NAME = 40


@dataclass(frozen=True)
class MachineQuestion:
    """A licence key as somebody typed it, the machine for which it is shown, and the client's own random text."""

    key: str = field(repr=False)
    nonce: str
    scope: ValidationScope
    machine: StatedMachine


def read_machine_question(body: bytes, *, country: str) -> MachineQuestion:
    """`country` is that of the client's address, "" when unknown; it goes before the one that is stated.

    Raises InvalidInput with all mistakes, members that are not judged here among them.
    """
    given = _object(body)
    reader = _MachineReader()
    reader.unknown(given, MEMBERS, "")
    scope, machine = reader.object(given, "scope", ""), reader.object(given, "machine", "")
    reader.unknown(scope, SCOPE_MEMBERS, "/scope")
    reader.unknown(machine, MACHINE_MEMBERS, "/machine")
    key, nonce = reader.text(given, "key", "") or "", reader.text(given, "nonce", "") or ""
    place = "/scope"
    features = reader.optional(
        scope, "features", place, lambda *at: reader.texts(*at, most=MOST_FEATURES, read=reader.text)
    )
    user = reader.optional(scope, "user", place, reader.word)
    digests = Digests()
    stated = ValidationScope(
        product=reader.optional(scope, "product", place, reader.text),
        version=reader.optional(scope, "version", place, reader.text),
        features=frozenset(features or ()),
        country=reader.optional(scope, "country", place, reader.country),
        user=None if user is None else digests.of("user", user),
        older=digests.older,
    )
    fingerprint = reader.fingerprint(scope)
    components = reader.components(scope)
    virtual_machine = reader.optional(scope, "vm", place, reader.truth)
    words = {
        name: (reader.optional(machine, name, "/machine", reader.text) or "").strip() for name in ("platform", "label")
    }
    reader.finish()
    return MachineQuestion(
        key=key,
        nonce=nonce,
        scope=stated,
        machine=StatedMachine(
            spellings=machine_digests(fingerprint=fingerprint, components=components, peppers=peppers()),
            country=country or (stated.country or "").upper(),
            virtual_machine=virtual_machine,
            **words,
        ),
    )


def _object(body: bytes) -> Members:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    return given


class _MachineReader(Reader):
    """Reads what is said about the one machine."""

    def fingerprint(self, scope: Members) -> str:
        """Whitespace round it says nothing, so a fingerprint of nothing else is none."""
        value = self.text(scope, "fingerprint", "/scope") or ""
        if value and not value.strip():
            self.wrong("/scope/fingerprint", _("A fingerprint is not empty."))
        return value

    def components(self, scope: Members) -> dict[str, str]:
        """The plain values by name; empty where there are none or something is wrong with them."""
        found, place = ({} if scope.get("components") is None else self.object(scope, "components", "/scope")), "/scope"
        if len(found) > MOST_COMPONENTS:
            self.wrong(
                "/scope/components", _("An object of at most %(most)d members is needed.") % {"most": MOST_COMPONENTS}
            )
            return {}
        if any(not 1 <= len(name) <= LONGEST_NAME or "\0" in name for name in found):
            self.wrong(
                "/scope/components",
                _("A name of a component has 1 to %(most)d characters.") % {"most": LONGEST_NAME},
            )
            return {}
        read = {name: self.text(found, name, f"{place}/components") for name in found}
        return {name: text for name, text in read.items() if text is not None}
