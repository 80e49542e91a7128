"""What the DNS says and what it does not say are different answers."""

from types import SimpleNamespace
from typing import Any

import dns.exception
import dns.message
import dns.resolver
import pytest

from identity.dns_records import NoAnswer, txt_records


def answered(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def resolve(name: str, kind: str, **_more: Any) -> Any:
        assert (name, kind) == ("_seatledger.a.example.org", "TXT")
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(dns.resolver, "resolve", resolve)


def test_texts_are_joined_from_their_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record longer than 255 bytes comes in several strings."""
    answered(
        monkeypatch, [SimpleNamespace(strings=(b"seatledger-", b"domain=1")), SimpleNamespace(strings=(b"v=spf1",))]
    )
    assert txt_records("_seatledger.a.example.org") == ["seatledger-domain=1", "v=spf1"]


NO_TEXT = dns.resolver.NoAnswer(response=dns.message.make_query("_seatledger.a.example.org", "TXT"))


@pytest.mark.parametrize("said", [dns.resolver.NXDOMAIN(), NO_TEXT], ids=["no such name", "no text at it"])
def test_that_there_is_none_is_an_answer(monkeypatch: pytest.MonkeyPatch, said: Exception) -> None:
    """The name does not exist, or has no text: nothing, and no error."""
    answered(monkeypatch, said)
    assert txt_records("_seatledger.a.example.org") == ()


@pytest.mark.parametrize(
    "silence",
    [
        dns.resolver.LifetimeTimeout(timeout=4.0, errors=[]),
        dns.resolver.NoNameservers(),
        dns.exception.Timeout(),
        dns.resolver.NoResolverConfiguration(),
        dns.resolver.YXDOMAIN(),
        OSError("network is unreachable"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch, silence: Exception) -> None:
    """Nobody answered in time, all servers failed, none is configured: NoAnswer, never an empty list."""
    answered(monkeypatch, silence)
    with pytest.raises(NoAnswer):
        txt_records("_seatledger.a.example.org")
