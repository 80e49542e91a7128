"""What attacks on a SAML receiver have in common: who is impersonated, how one is registered, and what must follow."""

from collections.abc import Callable
from typing import Any

import orjson

from audit.queries import events
from tests.identity.saml.forge import Trial, inner, reread, response, sign, signed

OWN = "/api/v1/organizations/"
VICTIM, ATTACKER = "owner-1", "attacker-1"
Attack = Callable[[Trial], Any]


class Attacks(dict[str, tuple[Attack, str]]):
    """Attacks by name, each with the reason that the ledger shall give."""

    def because(self, why: str) -> Callable[[Attack], Attack]:
        def register(one: Attack) -> Attack:
            self[one.__name__.removeprefix("_")] = (one, why)
            return one

        return register


def refusals(one: Trial) -> list[str]:
    with one.tenant.reading():
        return [orjson.loads(event.body)["details"]["why"] for event in events() if event.kind == "saml.refused"]


def is_signed_in(one: Trial) -> bool:
    return bool(one.browser.get(OWN).status_code == 200)


def house_of(one: Trial) -> str:
    """The short name of the organisation that the browser works in; empty for none."""
    answer = one.browser.get(OWN)
    return str(answer.json()["results"][0]["slug"]) if answer.status_code == 200 else ""


def genuine_answer(one: Trial, *, response_too: bool = False) -> Any:
    """What the attacker got honestly: a signed answer about the attacker."""
    root = response(one.said(name_id=ATTACKER))
    sign(inner(root))
    if response_too:
        sign(root)
    return reread(root)


def assert_refused(one: Trial, forged: Attack, why: str) -> None:
    """403, no session, one entry with the reason; and the honest answer is accepted afterwards in the same browser: the
    forged part alone was what was refused."""
    assert one.post(forged(one)).status_code == 403
    assert (is_signed_in(one), refusals(one)) == (False, [why])
    assert one.post(signed(one.said(name_id=ATTACKER))).status_code == 302
    assert is_signed_in(one)
