"""The client itself: asks, verifies, remembers, and knows what to do when nobody answers."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from seatledger_client.activation import Activation, Machine, Rules, activation_of
from seatledger_client.certificates import Certificate, read_certificate
from seatledger_client.clock import Clock
from seatledger_client.decision import Decision, Question, decision_of
from seatledger_client.encoding import to_text
from seatledger_client.errors import Rejected, TokenRefused, Unreachable
from seatledger_client.keys import KeySet
from seatledger_client.leases import Holder, Lease, NoSeat, Seat, held, lease_of, waited_for
from seatledger_client.state import KeptAnswer, State, StateFile
from seatledger_client.tokens import Kind, verified
from seatledger_client.transport import HttpTransport, Transport

VALIDATE = "/api/v1/validate"
MACHINES = "/api/v1/activations"
LEASES = "/api/v1/leases"
CLOCK_TAMPERED, OVERDUE = "CLOCK_TAMPERED", "OVERDUE"
ANY = Question()

Found = TypeVar("Found")


class Client:
    """One application of one vendor on one machine.

    `issuer` is the vendor's short name, `product` its product's code; `keys` are the vendor's public keys, which the
    application ships. `connectivity_grace` is how long the last valid answer is used while the server cannot be
    reached; after it the licence is OVERDUE, unless `fail_open`. What the vendor said with an activation goes before.
    `state` is a file of the user's own; without one nothing is remembered beyond this object, and a start without a
    connection is OVERDUE.

    Not for use by several threads at once.
    """

    def __init__(
        self,
        base_url: str,
        *,
        issuer: str,
        product: str,
        keys: KeySet,
        state: Path | None = None,
        connectivity_grace: timedelta = timedelta(hours=72),
        fail_open: bool = False,
        timeout: float = 10.0,
        clock: Clock | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._issuer, self._product, self._keys = issuer, product, keys
        self._grace, self._fail_open = connectivity_grace, fail_open
        self._clock = clock or Clock()
        self._file = StateFile(state)
        self._transport = transport or HttpTransport(base_url, timeout=timeout)

    def validate(self, key: str, question: Question = ANY) -> Decision:
        """Whether the licence behind the key is valid for this question now.

        Online the server's verified answer; offline the last one within the connectivity grace. A clock behind a moment
        that has been is CLOCK_TAMPERED, online by the server's word and offline by ours. Raises TokenRefused when an
        answer is not the vendor's, Rejected when the request itself was wrong, StateUnreadable.
        """
        state, bound = self._file.read(), _bound(key, self._product, question)
        salt = secrets.token_urlsafe(16)
        try:
            answer = self._transport.post(VALIDATE, self._body(key, question, state, _nonce(bound, salt)))
        except Unreachable:
            return self._offline(state, bound, self._rules(state, key))
        token = str(answer.get("token", ""))
        decision = self._believed(token, nonce=_nonce(bound, salt))
        state.saw(decision.at)
        state.saw(self._clock.now())
        if decision.valid:
            state.answers[bound] = KeptAnswer(token, salt)
        else:
            state.answers.pop(bound, None)
        self._file.write(state)
        return decision

    def activate(self, key: str, machine: Machine) -> Activation:
        """Takes a place of the licence for this machine; a machine that has one keeps it. Raises like `validate`, and
        Unreachable: a place is never given without the server."""
        return self._machine("activate", key, machine)

    def ping(self, key: str, machine: Machine) -> Activation:
        """A heartbeat: the machine is still there. To be sent well before `silent_at`."""
        return self._machine("ping", key, machine)

    def deactivate(self, key: str, machine: Machine) -> Activation:
        """Gives the place back."""
        return self._machine("deactivate", key, machine)

    def _machine(self, step: str, key: str, machine: Machine) -> Activation:
        state, bound = self._file.read(), _of_key(key, self._product)
        salt = secrets.token_urlsafe(16)
        body = {
            "key": key,
            "nonce": _nonce(bound, salt),
            "scope": machine.scope(self._product),
            "machine": machine.words(),
        }
        token = str(self._transport.post(f"{MACHINES}/{step}", body).get("token", ""))
        claims = self._claims(token, nonce=_nonce(bound, salt))
        if claims.get("asked") != step:
            raise TokenRefused("claim", "The answer is to another question.")
        found = _read(activation_of, claims)
        state.saw(found.decision.at)
        state.answers[bound] = KeptAnswer(token, salt)
        self._file.write(state)
        return found

    def check_out(self, key: str, holder: Holder, *, quantity: int = 1, question: Question = ANY) -> Lease:
        """A floating seat, or a place in the queue for one: asking again keeps either, and takes up an offer. Raises
        NoSeat (CAPACITY_EXCEEDED, LICENSE_NOT_VALID) and like `activate`."""
        found = self._asked_for(key, holder, quantity, question)
        if found is None:
            raise NoSeat("LICENSE_NOT_VALID")
        return found

    @contextmanager
    def seat(
        self,
        key: str,
        holder: Holder,
        *,
        quantity: int = 1,
        question: Question = ANY,
        wait: timedelta = timedelta(0),
    ) -> Iterator[Seat]:
        """`with client.seat(key, holder, wait=…) as seat:` — waits in the queue for up to `wait`, keeps the seat by
        heartbeats from a thread, and gives it back. Watch `seat.lost`. Raises NoSeat and like `activate`."""
        lease = waited_for(
            lambda: self._asked_for(key, holder, quantity, question),
            wait=wait.total_seconds(),
            leave=lambda lease: self.check_in(key, lease),
        )
        seat = Seat(lease, beat=lambda lease: self.heartbeat(key, lease))
        with held(seat, give_back=lambda lease: self.check_in(key, lease)):
            yield seat

    def heartbeat(self, key: str, lease: str) -> Lease | None:
        """The session is still there. Raises Rejected (LEASE_LOST) when the lease has ended: it never comes back."""
        return self._lease("heartbeat", key, {"lease": lease})

    def check_in(self, key: str, lease: str) -> Lease | None:
        """Gives the seat back, or leaves the queue."""
        return self._lease("checkin", key, {"lease": lease})

    def borrow(self, key: str, lease: str, *, ttl: timedelta | None = None, fingerprint: str = "") -> Lease | None:
        """Takes the seat along, without a connection, for `ttl` or as long as may be. Its `certificate` is to be kept:
        `certificate(text, kind=Kind.LEASE)` reads it, and `give_back` returns it. Raises Rejected."""
        asked: dict[str, Any] = {"lease": lease}
        if ttl is not None:
            asked["ttl"] = int(ttl.total_seconds())
        if fingerprint:
            asked["fingerprint"] = fingerprint
        return self._lease("borrow", key, asked)

    def give_back(self, certificate: str) -> None:
        """Returns a borrowed seat before its end. Raises Rejected for one that was returned before."""
        self._transport.post(f"{LEASES}/return", {"certificate": certificate})

    def _asked_for(self, key: str, holder: Holder, quantity: int, question: Question) -> Lease | None:
        scope = {"version": question.version, "country": question.country, "features": sorted(question.features)}
        said = {name: value for name, value in scope.items() if value}
        try:
            return self._lease("checkout", key, {"holder": holder.said(), "quantity": quantity}, said)
        except Rejected as rejected:
            if rejected.code == "CAPACITY_EXCEEDED":
                raise NoSeat(rejected.code) from rejected
            raise

    def _lease(
        self, step: str, key: str, asked: Mapping[str, Any], scope: Mapping[str, Any] | None = None
    ) -> Lease | None:
        """One step of a lease. Writes no state: heartbeats come from another thread."""
        nonce = _nonce(_of_key(key, self._product), secrets.token_urlsafe(16))
        body = {"key": key, "nonce": nonce, "scope": {"product": self._product, **(scope or {})}, **asked}
        claims = self._claims(str(self._transport.post(f"{LEASES}/{step}", body).get("token", "")), nonce=nonce)
        if claims.get("asked") != step:
            raise TokenRefused("claim", "The answer is to another question.")
        return _read(lease_of, claims)

    def certificate(self, text: str, *, kind: Kind = Kind.LICENSE, fingerprint: str | None = None) -> Certificate:
        """The certificate of a `.lic` file or token, verified without a server.

        Raises TokenRefused, also for a clock that went back and for a certificate older than one seen before.
        """
        state, now = self._file.read(), self._clock.now()
        if self._clock.went_back(seen=state.seen):
            raise TokenRefused("expired", "This machine's clock is behind a moment that has been.")
        found = read_certificate(
            text,
            keys=self._keys,
            issuer=self._issuer,
            product=self._product,
            at=now,
            kind=kind,
            fingerprint=fingerprint,
        )
        if found.sequence < state.sequences.get(found.license_id, 0):
            raise TokenRefused("claim", "A newer certificate of this licence was used here before.")
        state.sequences[found.license_id] = found.sequence
        state.saw(now)
        self._file.write(state)
        return found

    def _body(self, key: str, question: Question, state: State, nonce: str) -> dict[str, Any]:
        scope: dict[str, Any] = {"product": self._product, **question.scope(), "client_at": _utc(self._clock.now())}
        if state.seen is not None:
            scope["last_server_at"] = _utc(state.seen)
        return {"key": key, "nonce": nonce, "scope": scope}

    def _believed(self, token: str, *, nonce: str) -> Decision:
        return _read(decision_of, self._claims(token, nonce=nonce))

    def _claims(self, token: str, *, nonce: str) -> Mapping[str, Any]:
        """What an answer to our question says; `iss` is the vendor, or whoever answers for unknown keys."""
        claims = verified(token, kind=Kind.DECISION, keys=self._keys, at=self._clock.now(), expect={"nonce": nonce})
        if claims.get("iss") != self._issuer and claims.get("valid") is not False:
            raise TokenRefused("claim", "Somebody else than the vendor called this licence valid.")
        return claims

    def _rules(self, state: State, key: str) -> Rules:
        """What the vendor last said about this key's machines; the application's own rules where that is nothing."""
        own, bound = Rules(connectivity_grace=self._grace, fail_open=self._fail_open), _of_key(key, self._product)
        kept = state.answers.get(bound)
        if kept is None:
            return own
        try:
            told = _read(activation_of, self._claims(kept.token, nonce=_nonce(bound, kept.salt))).rules
        except TokenRefused:
            return own
        return own if told.connectivity_grace is None else told

    def _offline(self, state: State, bound: str, rules: Rules) -> Decision:
        now = self._clock.now()
        if self._clock.went_back(seen=state.seen):
            return Decision(valid=False, code=CLOCK_TAMPERED, at=now, findings=(CLOCK_TAMPERED,), offline=True)
        last = self._last(state, bound)
        state.saw(now)
        self._file.write(state)
        if last is None or (now - last.at > (rules.connectivity_grace or self._grace) and not rules.fail_open):
            return Decision(valid=False, code=OVERDUE, at=now, findings=(OVERDUE,), offline=True)
        if now >= (_end(last) or now + timedelta(days=1)):
            return Decision(valid=False, code="EXPIRED", at=now, findings=("EXPIRED",), offline=True)
        return Decision(
            valid=last.valid,
            code=last.code,
            at=last.at,
            warnings=last.warnings,
            obligations=last.obligations,
            license_id=last.license_id,
            offline=True,
            claims=last.claims,
        )

    def _last(self, state: State, bound: str) -> Decision | None:
        """The last valid answer to this very question on this machine; one that does not verify counts as none."""
        kept = state.answers.get(bound)
        if kept is None:
            return None
        try:
            return self._believed(kept.token, nonce=_nonce(bound, kept.salt))
        except TokenRefused:
            return None


def _bound(key: str, product: str, question: Question) -> str:
    """What an answer is bound to: the key, the product and everything that was asked. Not the key itself."""
    parts = [key.strip().upper(), product, repr(sorted(question.scope().items()))]
    return to_text(hashlib.sha256("\0".join(parts).encode()).digest())


def _of_key(key: str, product: str) -> str:
    """What an answer about a key's machines is bound to."""
    return _bound(key, product, ANY) + ":machine"


def _nonce(bound: str, salt: str) -> str:
    """A nonce that nobody guesses, and which shows what the answer was asked for when it is read again."""
    return to_text(hashlib.sha256(f"{bound}\0{salt}".encode()).digest())


def _end(decision: Decision) -> datetime | None:
    """The end of the term or its grace, where the answer warned of it."""
    ends = [one.until for one in decision.warnings if one.code in {"EXPIRES_SOON", "IN_GRACE"} and one.until]
    return max(ends) if ends else None


def _read(reader: Callable[[Mapping[str, Any]], Found], claims: Mapping[str, Any]) -> Found:
    try:
        return reader(claims)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefused("claim", "The answer lacks something that each answer has.") from error


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
