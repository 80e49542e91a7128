"""What a licence certificate claims: the facts that decide, in the words of a token, for machines without a connection.

Registered claims are those of RFC 7519. A library that knows only these decides right: `exp` is the moment from which
the licence is invalid, so grace lies before it, and a licence that outlives its term has none.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import NotRequired, TypedDict

from licensing.rules.expiry import STAYS_VALID, expiry_of
from licensing.rules.facts import ExpiryStrategy, LicenseFacts
from licensing.rules.terms import in_utc


class CertificateClaims(TypedDict):
    """Claims of a licence certificate; times are whole seconds since 1970 (NumericDate).

    iss: the vendor · aud: the product · sub: the licence · jti: this certificate · seq: counts the certificates of the
    licence, so that a client can refuse an older one than it has seen · features: code and end (null: with the licence)
    · grace: the term's end, from which on only grace holds · maintenance: releases published later are not covered ·
    versions: a range as in `rules.versions` · territories: ISO 3166-1 alpha-2 codes · limits: numbers by name ·
    fp: the machine for which it was checked out, the SHA-256 of its fingerprint in hexadecimal · act: the activation ·
    lse: the lease of a borrowed seat.
    """

    iss: str
    aud: str
    sub: str
    jti: str
    iat: int
    nbf: int
    seq: int
    model: str
    features: dict[str, int | None]
    exp: NotRequired[int]
    grace: NotRequired[int]
    maintenance: NotRequired[int]
    versions: NotRequired[str]
    territories: NotRequired[list[str]]
    limits: NotRequired[dict[str, int]]
    fp: NotRequired[str]
    act: NotRequired[str]
    lse: NotRequired[str]


def certificate_claims(
    *,
    facts: LicenseFacts,
    at: datetime,
    issuer: str,
    audience: str,
    subject: str,
    token_id: str,
    sequence: int,
    limits: Mapping[str, int],
    until: datetime | None = None,
    fingerprint: str | None = None,
    activation: str | None = None,
    lease: str | None = None,
) -> CertificateClaims:
    """The claims of a certificate issued at `at`, with the features that the licence carries then.

    Seconds are rounded against the holder, so that a certificate never says more than the licence. A term that counts
    from the first validation counts from `at`: whoever issues the certificate must store that start as well, or each
    new certificate would begin a new term.

    `until` ends it earlier than the licence, `fingerprint` (hex digest) ties it to a machine.
    """
    claims: CertificateClaims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "jti": token_id,
        "iat": _second_of(at),
        "nbf": _second_of(at) if facts.valid_from is None else max(_second_of(at), _second_after(facts.valid_from)),
        "seq": sequence,
        "model": facts.model.value,
        "features": _features(facts, at),
    }
    _add_end(claims, facts, at)
    if until is not None:
        _shorten(claims, until)
    if fingerprint is not None:
        claims["fp"] = fingerprint
    if activation is not None:
        claims["act"] = activation
    if lease is not None:
        claims["lse"] = lease
    _add_boundaries(claims, facts, limits)
    return claims


def _features(facts: LicenseFacts, at: datetime) -> dict[str, int | None]:
    held: dict[str, int | None] = {}
    for grant in sorted(facts.features, key=lambda grant: grant.code):
        if grant.period.holds_at(at):
            end = None if grant.period.end is None else _second_of(grant.period.end)
            earlier = held.get(grant.code, end)
            held[grant.code] = None if end is None or earlier is None else max(end, earlier)
    return held


def _add_end(claims: CertificateClaims, facts: LicenseFacts, at: datetime) -> None:
    end, maintenance = expiry_of(facts, at), facts.maintenance_until
    if end is not None and facts.expiry_strategy not in STAYS_VALID:
        claims["exp"] = _second_of(end)
        if facts.grace_until is not None and facts.grace_until > end:
            claims["exp"], claims["grace"] = _second_of(facts.grace_until), _second_of(end)
    if end is not None and facts.expiry_strategy is ExpiryStrategy.MAINTAIN:
        maintenance = min(end, maintenance or end)
    if maintenance is not None:
        claims["maintenance"] = _second_of(maintenance)


def _shorten(claims: CertificateClaims, until: datetime) -> None:
    """Grace of which nothing is left is not mentioned."""
    claims["exp"] = min(_second_of(until), claims.get("exp", _second_of(until)))
    if claims.get("grace", 0) >= claims["exp"]:
        del claims["grace"]


def _add_boundaries(claims: CertificateClaims, facts: LicenseFacts, limits: Mapping[str, int]) -> None:
    if facts.version_range is not None:
        claims["versions"] = facts.version_range.text
    if facts.territories is not None:
        claims["territories"] = sorted(facts.territories)
    if limits:
        claims["limits"] = dict(sorted(limits.items()))


def _second_of(at: datetime) -> int:
    return math.floor(in_utc(at).timestamp())


def _second_after(at: datetime) -> int:
    return math.ceil(in_utc(at).timestamp())
