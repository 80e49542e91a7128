"""From what an assertion claims to an account of the connection's organisation, and to its roles."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Account, Membership, Person, ProvedDomain, SamlConnection, SamlLink
from identity.operations.directory import NewPerson, create_person
from identity.operations.group_roles import grant_by_groups, take_group_roles
from identity.operations.saml_requests import MessageRefused
from identity.rules.single_sign_on import Claims, domain_of
from kernel.errors import Conflict
from kernel.trail import Trail


class LinkTaken(Conflict):
    """This name at the provider, or this account, is linked already."""

    code = "SSO_LINK_TAKEN"


@dataclass(frozen=True)
class Admission:
    """Who may enter: the account, the membership in the connection's organisation, and what links both."""

    account: Account
    membership: Membership
    link: SamlLink


def admit(*, connection: SamlConnection, claims: Claims, trail: Trail) -> Admission | None:
    """The account that the claims mean, with roles as the groups say now. Raises MessageRefused.

    None when an account has the address, but neither did it confirm the link, nor has the organisation proved that
    the address's domain is its own. No account outside the organisation is ever found by an address alone.
    """
    link = SamlLink.objects.select_related("account").filter(connection=connection, name_id=claims.name_id).first()
    if link is None:
        account = _account_by_address(connection, claims, trail)
        if account is None:
            return None
        link = _link(connection, claims.name_id, account, trail, domain=domain_of(claims.email))
    if not link.account.is_active:
        raise MessageRefused(_("This account is closed."), why="account_closed", subject=connection)
    return Admission(link.account, _membership(connection, claims, link, trail), link)


def _account_by_address(connection: SamlConnection, claims: Claims, trail: Trail) -> Account | None:
    """The account with the address, or a new one, where the domain is proved; None when a person must confirm."""
    account = Account.objects.filter(email_lower=claims.email.lower()).first() if claims.email else None
    if claims.email and _is_proved(claims.email, lock=True):
        person = _person(claims, by_email=True)
        if account is None and person is None and not connection.creates_people:
            raise MessageRefused(_("Nobody here has this address."), why="unknown_person", subject=connection)
        return account or _new_account(claims, trail)
    if account is None:
        raise MessageRefused(_("Nobody here has this address."), why="unknown_person", subject=connection)
    return None


def _is_proved(email: str, *, lock: bool = False) -> bool:
    """With `lock` the domain stays proved until the transaction ends: what is linked by it ends when it is given up."""
    rows = ProvedDomain.objects.filter(domain=domain_of(email), proved_at__isnull=False)
    return (rows.select_for_update(no_key=True) if lock else rows).first() is not None


def _new_account(claims: Claims, trail: Trail) -> Account:
    """A sign-in without a password: only the identity provider can open it."""
    account = Account(
        email=claims.email,
        email_lower=claims.email.lower(),
        display_name=claims.display_name,
        created_at=trail.clock.now(),
    )
    account.set_unusable_password()
    account.save(force_insert=True)
    return account


def _link(connection: SamlConnection, name_id: str, account: Account, trail: Trail, *, domain: str = "") -> SamlLink:
    """`domain` is the proved one that stands for the account's own word."""
    try:
        with transaction.atomic():
            row = SamlLink.objects.create(
                organization_id=trail.organization_id,
                connection=connection,
                name_id=name_id,
                account=account,
                domain=domain,
                created_at=trail.clock.now(),
            )
    except IntegrityError as error:
        raise LinkTaken(
            _("This account is linked with another name at the identity provider. Ask an administrator to remove it.")
        ) from error
    by = {"by_domain": domain} if domain else {}
    trail.record("saml.linked", subject=connection, details={"account": str(account.pseudonym), **by})
    return row


def confirm_link(*, connection: SamlConnection, name_id: str, account: Account, trail: Trail) -> SamlLink:
    """The account says itself, while signed in, that the provider's name means it. Raises LinkTaken."""
    return _link(connection, name_id, account, trail)


def remove_link(*, link: SamlLink, trail: Trail) -> None:
    """The provider's name means nobody any more, until it is linked again."""
    account = str(link.account.pseudonym)
    trail.record("saml.unlinked", subject=link.connection, details={"account": account})
    link.delete()


def _membership(connection: SamlConnection, claims: Claims, link: SamlLink, trail: Trail) -> Membership:
    """The live membership with the roles of this moment; granted where there is none and the person may come in."""
    row = (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "account")
        .filter(account=link.account, ended_at__isnull=True)
        .first()
    )
    person = row.person if row is not None else None
    person = person or _person(claims, by_email=_is_proved(claims.email))
    if person is not None and not person.active:
        raise MessageRefused(_("This person left the organisation."), why="person_inactive", subject=connection)
    if row is None:
        return _granted(connection, claims, link.account, person, trail)
    take_group_roles(connection=connection, membership=row, person=person, groups=claims.groups, trail=trail)
    return row


def _granted(
    connection: SamlConnection, claims: Claims, account: Account, person: Person | None, trail: Trail
) -> Membership:
    if not (claims.email and _is_proved(claims.email)) or (person is None and not connection.creates_people):
        raise MessageRefused(_("This account does not work here."), why="no_membership", subject=connection)
    if Membership.objects.filter(account=account).exists():
        # Somebody ended it by hand; the provider does not overrule that.
        raise MessageRefused(_("This account no longer works here."), why="membership_ended", subject=connection)
    if person is None:
        person = create_person(person=_new_person(claims), trail=trail)
    return grant_by_groups(connection=connection, account=account, person=person, groups=claims.groups, trail=trail)


def _person(claims: Claims, *, by_email: bool) -> Person | None:
    """The directory's record: by immutable ID, else user name, else address under a proved domain."""
    found: Person | None = None
    if claims.external_id:
        found = Person.objects.filter(external_id=claims.external_id).first()
    if found is None and claims.user_name:
        found = Person.objects.filter(user_name_lower=claims.user_name.lower()).first()
    if found is None and claims.email and by_email:
        found = Person.objects.filter(emails__value_lower=claims.email.lower()).order_by("id").first()
    return found


def _new_person(claims: Claims) -> NewPerson:
    return NewPerson(
        user_name=claims.user_name or claims.email,
        given_name=claims.given_name,
        family_name=claims.family_name,
        email=claims.email,
        department=claims.department,
        external_id=claims.external_id,
    )


def told(claims: Claims) -> dict[str, Any]:
    """The claims as they are kept for a test or a link."""
    return {**asdict(claims), "groups": list(claims.groups)}
