"""REST of roles, memberships and invitations."""

from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import Account, Invitation, Membership, Person, WithheldRole
from identity.operations import (
    MembershipNotFound,
    NewInvitation,
    change_roles,
    end_membership,
    grant_membership,
    invite_member,
    reset_second_factor,
    send_member_password_reset,
    withdraw_invitation,
)
from identity.operations.withholding import release_role, role_withheld_from
from identity.queries.members import members, with_role
from identity.queries.roles import told_roles
from identity.rules.roles import ROLES
from identity.wording import role_choices
from kernel.errors import NotFound
from kernel.pages import require_proof
from kernel.rest import TenantViewSet

VIEW = "identity.membership.view"
MANAGE = "identity.membership.manage"
RESET = "identity.second_factor.reset"
SEND_LINK = "identity.session.manage"
ROLE_CHOICES = sorted(ROLES)


class PermissionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    area = serializers.CharField()
    words = serializers.CharField()


class RoleSerializer(serializers.Serializer[Any]):
    """A role: what it is for, what it may do, and how many memberships hold it."""

    code = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    held_by = serializers.IntegerField()
    permissions = PermissionSerializer(many=True)


class RoleViewSet(TenantViewSet):
    """The roles of Seatledger; read-only, as they are part of the release."""

    serializer_class = RoleSerializer
    queryset = Membership.objects.none()
    lookup_value_converter = "str"
    pagination_class: Any = None
    permissions = {"list": "identity.role.view", "retrieve": "identity.role.view"}

    @extend_schema(responses=RoleSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(RoleSerializer(told_roles(), many=True).data)

    def retrieve(self, request: Request, pk: str | None = None) -> Response:
        found = next((role for role in told_roles() if role.code == pk), None)
        if found is None:
            raise NotFound(_("There is no role called %(role)s.") % {"role": (pk or "")[:40]})
        return Response(RoleSerializer(found).data)


class WithheldRoleSerializer(serializers.ModelSerializer[WithheldRole]):
    """A role that somebody took away by hand: no group of an identity provider gives it, until it is released or
    granted again. Who took it away, and why, stands in the ledger."""

    role = serializers.CharField()

    class Meta:
        model = WithheldRole
        fields = ["role", "withheld_at"]
        read_only_fields = fields


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """An account that works or worked here. `party` is the business partner of a customer."""

    email = serializers.EmailField(source="account.email")
    name = serializers.CharField(source="account.display_name")
    party = serializers.UUIDField(source="party_id", allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    withheld_roles = WithheldRoleSerializer(many=True)

    class Meta:
        model = Membership
        fields = [
            "id", "account", "email", "name", "person", "party", "roles", "withheld_roles", "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


def _roles_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=ROLE_CHOICES), min_length=1, max_length=len(ROLE_CHOICES)
    )


class GrantSerializer(serializers.Serializer[Any]):
    """Lets an account in again that worked here before; whoever never did is invited (`invitations`)."""

    account = serializers.UUIDField()
    roles = _roles_field()
    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), required=False, allow_null=True)
    party = serializers.UUIDField(required=False, allow_null=True)


class ChangeRolesSerializer(serializers.Serializer[Any]):
    roles = _roles_field()
    reason = serializers.CharField(max_length=500)
    party = serializers.UUIDField(required=False, allow_null=True)


class EndSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ReleaseRoleSerializer(serializers.Serializer[Any]):
    """The withheld role that groups of the identity provider may give again."""

    role = serializers.ChoiceField(choices=ROLE_CHOICES)


class ResetFactorSerializer(serializers.Serializer[Any]):
    """Why: how you know that it is really your colleague who asks. Stays on record in the ledger."""

    reason = serializers.CharField(max_length=500)


class MembershipFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    live = filters.BooleanFilter(method="by_live")
    role = extend_schema_field(OpenApiTypes.STR)(filters.ChoiceFilter(method="by_role", choices=role_choices))

    class Meta:
        model = Membership
        fields = ["person"]

    def by_live(self, rows: QuerySet[Membership], _name: str, value: bool) -> QuerySet[Membership]:
        """Memberships that hold, or those that ended."""
        return rows.filter(ended_at__isnull=value)

    def by_role(self, rows: QuerySet[Membership], _name: str, role: str) -> QuerySet[Membership]:
        return with_role(rows, role)


class MembershipViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Who may sign in here. Memberships end, and are never deleted."""

    serializer_class = MembershipSerializer
    queryset = Membership.objects.all()
    filterset_class = MembershipFilter
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": MANAGE,
        "update": MANAGE,
        "end": MANAGE,
        "release_role": MANAGE,
        "reset_second_factor": RESET,
        "send_password_link": SEND_LINK,
    }

    def get_queryset(self) -> QuerySet[Membership]:
        return members().prefetch_related(Prefetch("withheld_roles", WithheldRole.objects.order_by("role")))

    @extend_schema(request=GrantSerializer, responses={201: MembershipSerializer})
    def create(self, request: Request) -> Response:
        require_proof(request)
        given = GrantSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        account = Account.objects.filter(
            id__in=Membership.objects.filter(account_id=wanted["account"]).values("account_id"), is_active=True
        ).first()
        if account is None:
            raise MembershipNotFound(_("This account never worked in your organisation; invite its address."))
        row = grant_membership(
            account=account,
            roles=wanted["roles"],
            person=wanted.get("person"),
            party_id=wanted.get("party"),
            trail=self.trail,
        )
        return Response(MembershipSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ChangeRolesSerializer, responses=MembershipSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        require_proof(request)
        given = ChangeRolesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = self.get_object()
        changed = change_roles(
            membership=row,
            roles=given.validated_data["roles"],
            reason=given.validated_data["reason"],
            party_id=given.validated_data.get("party", row.party_id),
            trail=self.trail,
        )
        return Response(MembershipSerializer(changed).data)

    @extend_schema(request=EndSerializer, responses=MembershipSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        given = EndSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = self.get_object()
        end_membership(membership=row, reason=given.validated_data["reason"], trail=self.trail)
        return Response(MembershipSerializer(self.get_object()).data)

    @extend_schema(request=ReleaseRoleSerializer, responses=MembershipSerializer)
    @action(detail=True, methods=["post"], url_path="release-role")
    def release_role(self, request: Request, pk: str | None = None) -> Response:
        """Groups of the identity provider may give a withheld role again, from the member's next sign-in on; the roles
        that the member holds stay as they are."""
        require_proof(request)
        given = ReleaseRoleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        withheld = role_withheld_from(membership=self.get_object(), role=given.validated_data["role"])
        release_role(withheld=withheld, trail=self.trail)
        return Response(MembershipSerializer(self.get_object()).data)

    @extend_schema(request=ResetFactorSerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="reset-second-factor")
    def reset_second_factor(self, request: Request, pk: str | None = None) -> Response:
        """For a member who lost the authenticator app and the recovery codes: the account has neither any more, is
        signed out everywhere, and is told by e-mail. For accounts that work in no other organisation."""
        require_proof(request)
        given = ResetFactorSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reset_second_factor(membership=self.get_object(), reason=given.validated_data["reason"], trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="send-password-link")
    def send_password_link(self, request: Request, pk: str | None = None) -> Response:
        """Sends the member a link by e-mail that sets a new password once, within an hour; earlier links end."""
        send_member_password_reset(membership=self.get_object(), trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An invitation; its link went by e-mail and is shown nowhere."""

    roles = serializers.ListField(child=serializers.CharField())
    party = serializers.UUIDField(source="party_id", allow_null=True)

    class Meta:
        model = Invitation
        fields = ["id", "email", "roles", "person", "party", "invited_at", "expires_at", "accepted_at", "withdrawn_at"]
        read_only_fields = fields


class NewInvitationSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    roles = _roles_field()
    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), required=False, allow_null=True)
    party = serializers.UUIDField(required=False, allow_null=True)


class InvitationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Invitations by e-mail. DELETE withdraws one that is open."""

    serializer_class = InvitationSerializer
    queryset = Invitation.objects.all()
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "destroy": MANAGE}

    @extend_schema(request=NewInvitationSerializer, responses={201: InvitationSerializer})
    def create(self, request: Request) -> Response:
        require_proof(request)
        given = NewInvitationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        row = invite_member(
            invitation=NewInvitation(
                email=wanted["email"],
                roles=wanted["roles"],
                person=wanted.get("person"),
                party_id=wanted.get("party"),
                address=settings.BASE_URL + reverse("identity:invitation"),
            ),
            trail=self.trail,
        )
        return Response(InvitationSerializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        withdraw_invitation(invitation=self.get_object(), trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)
