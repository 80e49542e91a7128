"""The question of an activation, heartbeat or deactivation: that of a validation, with one machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from licensing.keyring import peppers
from licensing.rest.question import _Reader
from licensing.rules.facts import ValidationScope
from licensing.rules.statements import StatedMachine, machine_digests

MEMBERS = frozenset({"key", "nonce", "scope", "machine"})
SCOPE_MEMBERS = frozenset({"product", "version", "features", "country", "fingerprint", "components", "vm"})
MACHINE_MEMBERS = frozenset({"platform", "label"})
MOST_COMPONENTS = 20
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
    scope, machine = reader.member(given, "scope"), reader.member(given, "machine")
    reader.unknown(scope, SCOPE_MEMBERS, "/scope")
    reader.unknown(machine, MACHINE_MEMBERS, "/machine")
    key, nonce = reader.text(given, "key", "") or "", reader.text(given, "nonce", "") or ""
    stated = ValidationScope(
        product=reader.optional(scope, "product", reader.text),
        version=reader.optional(scope, "version", reader.text),
        features=reader.optional(scope, "features", reader.features) or frozenset(),
        country=reader.optional(scope, "country", reader.country),
    )
    fingerprint = reader.fingerprint(scope)
    components = reader.components(scope)
    virtual_machine = reader.optional(scope, "vm", reader.flag)
    words = {name: reader.word(machine, name) for name in ("platform", "label")}
    if reader.mistakes:
        raise InvalidInput(
            _("The input has %(count)s mistakes.") % {"count": len(reader.mistakes)}, errors=tuple(reader.mistakes)
        )
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


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    return given


class _MachineReader(_Reader):
    def member(self, given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = given.get(name, {})
        if isinstance(value, dict):
            return value
        self.wrong(f"/{name}", _("An object is needed."))
        return {}

    def fingerprint(self, scope: Mapping[str, Any]) -> str:
        """Whitespace round it says nothing, so a fingerprint of nothing else is none."""
        value = self.text(scope, "fingerprint", "/scope") or ""
        if value and not value.strip():
            self.wrong("/scope/fingerprint", _("A fingerprint is not empty."))
        return value

    def components(self, scope: Mapping[str, Any]) -> dict[str, str]:
        value = scope.get("components")
        if value is None:
            return {}
        if not isinstance(value, dict) or len(value) > MOST_COMPONENTS:
            self.wrong(
                "/scope/components", _("An object of at most %(most)d members is needed.") % {"most": MOST_COMPONENTS}
            )
            return {}
        if any(not 1 <= len(name) <= LONGEST_NAME or "\0" in name for name in value):
            self.wrong(
                "/scope/components",
                _("A name of a component has 1 to %(most)d characters.") % {"most": LONGEST_NAME},
            )
            return {}
        found = {name: self.text(value, name, "/scope/components") for name in value}
        return {name: text for name, text in found.items() if text is not None}

    def flag(self, given: Mapping[str, Any], name: str, place: str) -> bool | None:
        value = given[name]
        if isinstance(value, bool):
            return value
        self.wrong(f"{place}/{name}", _("true or false is needed."))
        return None

    def word(self, machine: Mapping[str, Any], name: str) -> str:
        if machine.get(name) is None:
            return ""
        return (self.text(machine, name, "/machine") or "").strip()
