"""The question of a validation: a small JSON object, read strictly, every mistake with its JSON pointer."""

from dataclasses import dataclass, field

import orjson
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from licensing.questions import read_scope
from licensing.reading import Reader
from licensing.rules.facts import ValidationScope

MEMBERS = frozenset({"key", "nonce", "scope"})


@dataclass(frozen=True)
class Question:
    """A licence key as somebody typed it, what its licence is needed for, and the client's own random text."""

    key: str = field(repr=False)
    nonce: str
    scope: ValidationScope


def read_question(body: bytes) -> Question:
    """Raises InvalidInput with all mistakes.

    A member that this version does not judge is refused, not passed over: a client that states something must not
    believe that it was checked.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    reader = Reader()
    reader.unknown(given, MEMBERS, "")
    key, nonce = reader.text(given, "key", ""), reader.text(given, "nonce", "")
    question = Question(key=key or "", nonce=nonce or "", scope=read_scope(given, reader))
    reader.finish()
    return question
