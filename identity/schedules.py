"""What the scheduler may call of identity/, and what each minute brings."""

from datetime import timedelta
from uuid import UUID

from audit.operations import trail
from audit.operations.access import close_access_batch, drop_access_events
from identity.dns_records import txt_records
from identity.operations.certificate_warnings import warn_of_ending_certificates
from identity.operations.domain_checks import recheck_domains
from identity.operations.email_domains import Resolve
from identity.operations.review_reminders import remind_reviewers
from identity.operations.saml_refusals import close_refused_messages, refused_messages_are_over
from identity.operations.saml_requests import forget_requests
from jobs.ports import Outcome, Payload
from kernel.clock import Clock
from kernel.principal import system
from kernel.scope import scope

REMINDERS = "identity.access_review_reminders"
ACCESS_LOG = "identity.access_log"
KEPT_DAYS = 400
SETTLED = timedelta(minutes=5)
RESOLVE: Resolve = txt_records


def scheduled_reminders(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Reminds whoever has not answered a review of access that is due soon or late."""
    actor = system(organization_id, "access_review")
    with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
        return {"messages": remind_reviewers(trail=opened)}


def scheduled_access_log(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Closes the batch of reads of personal data and deletes what is older than `keep_days` (400 when not stated).

    The last five minutes are left to the next batch: a request that is still running may carry an earlier moment.
    """
    keep = timedelta(days=int(parameters.get("keep_days", KEPT_DAYS)))
    actor = system(organization_id, "access_log")
    with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
        now = opened.clock.now()
        batch = close_access_batch(until=now - SETTLED, trail=opened)
        gone = drop_access_events(at=now, keep=keep)
    return {"closed": batch.count if batch is not None else 0, "deleted": gone}


def warn_of_certificates(organization_id: UUID, clock: Clock) -> None:
    """Each minute: owners are told of certificates of identity providers that end soon."""
    warn_of_ending_certificates(organization_id=organization_id, clock=clock)


def recheck_email_domains(organization_id: UUID, clock: Clock) -> None:
    """Each minute: the DNS is asked whether proved e-mail domains still are, each once a day."""
    recheck_domains(organization_id=organization_id, clock=clock, resolve=RESOLVE)


def forget(organization_id: UUID, clock: Clock) -> None:
    """Each minute: requests and assertions of single sign-on that are over; counted refusals become an entry."""
    forget_requests(organization_id, clock)
    with scope(organization_id):
        over = refused_messages_are_over(at=clock.now())
    if over:
        actor = system(organization_id, "sign-in")
        with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
            close_refused_messages(trail=opened)
