"""REST of the directory: the own organisation, people and devices."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import Device, Organization, Person
from identity.operations import NewPerson, create_device, create_person, deactivate_person
from identity.operations.people import lift_hold, place_hold
from identity.operations.provisioning.people import change_person
from identity.reading import REST, note_people, note_person
from identity.rules.provisioning import replaced
from kernel.rest import TenantViewSet, principal_of


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    class Meta:
        model = Organization
        fields = ["id", "slug", "name", "kind", "territory", "region", "time_zone", "currency"]
        read_only_fields = fields


class OrganizationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """The organisation that the session works in; no other one exists here."""

    serializer_class = OrganizationSerializer
    queryset = Organization.objects.none()
    permissions = {"list": "identity.organization.view", "retrieve": "identity.organization.view"}

    def get_queryset(self) -> QuerySet[Organization]:
        principal = principal_of(self.request)
        return Organization.objects.filter(id=principal.organization_id) if principal else Organization.objects.none()


class PersonSerializer(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = [
            "id",
            "user_name",
            "given_name",
            "family_name",
            "department",
            "title",
            "employee_number",
            "external_id",
            "territory",
            "active",
            "left_at",
            "legal_hold",
            "created_at",
        ]
        read_only_fields = fields


class NewPersonSerializer(serializers.Serializer[Any]):
    """What a new person needs: a user name; the rest may follow."""

    user_name = serializers.CharField(max_length=255)
    given_name = serializers.CharField(max_length=200, required=False, default="")
    family_name = serializers.CharField(max_length=200, required=False, default="")
    email = serializers.EmailField(required=False, default="", allow_blank=True)
    department = serializers.CharField(max_length=200, required=False, default="")
    title = serializers.CharField(max_length=200, required=False, default="")
    employee_number = serializers.CharField(max_length=100, required=False, default="")
    external_id = serializers.CharField(max_length=255, required=False, default="")
    territory = serializers.CharField(max_length=2, required=False, default="", allow_blank=True)


class PersonChangeSerializer(serializers.Serializer[Any]):
    """What changes; what is left out stays as it is."""

    user_name = serializers.CharField(max_length=255, required=False)
    given_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    family_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    display_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    department = serializers.CharField(max_length=200, required=False, allow_blank=True)
    employee_number = serializers.CharField(max_length=100, required=False, allow_blank=True)
    manager = serializers.UUIDField(source="manager_id", required=False, allow_null=True)
    active = serializers.BooleanField(required=False)


class HoldSerializer(serializers.Serializer[Any]):
    """Why a legal hold is placed or lifted."""

    reason = serializers.CharField(max_length=500)


class PersonFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    user_name = filters.CharFilter(method="by_user_name")

    class Meta:
        model = Person
        fields = ["active", "employee_number", "external_id"]

    def by_user_name(self, rows: QuerySet[Person], _name: str, value: str) -> QuerySet[Person]:
        """In any spelling of upper and lower case, on the stored twin."""
        return rows.filter(user_name_lower=value.lower())


class PersonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """People of the directory. They are deactivated, never deleted."""

    serializer_class = PersonSerializer
    queryset = Person.objects.all()
    filterset_class = PersonFilter
    permissions = {
        "list": "identity.person.view",
        "retrieve": "identity.person.view",
        "create": "identity.person.manage",
        "update": "identity.person.manage",
        "destroy": "identity.person.manage",
        "hold": "identity.person.hold",
        "lift_hold": "identity.person.hold",
    }

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        if (reader := principal_of(request)) is not None:
            note_people(reader, len(answer.data["results"]), through=REST)
        return answer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        if (reader := principal_of(request)) is not None:
            note_person(reader, row, through=REST)
        return Response(PersonSerializer(row).data)

    @extend_schema(request=PersonChangeSerializer, responses=PersonSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        given = PersonChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        changed = change_person(
            person_id=self.get_object().id,
            change=lambda before: replaced(before, **values),
            versions=None,
            trail=self.trail,
        )
        return Response(PersonSerializer(changed.row).data)

    def create(self, request: Request) -> Response:
        given = NewPersonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_person(person=NewPerson(**given.validated_data), trail=self.trail)
        return Response(PersonSerializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Deactivates; the person stays readable and the id stays valid."""
        deactivate_person(person=self.get_object(), trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=HoldSerializer, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str | None = None) -> Response:
        """Nothing of the person is erased, and the seats stay if the person leaves, until the hold is lifted."""
        given = HoldSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = place_hold(person=self.get_object(), reason=given.validated_data["reason"], trail=self.trail)
        return Response(PersonSerializer(row).data)

    @extend_schema(request=HoldSerializer, responses=PersonSerializer)
    @action(detail=True, methods=["post"], url_path="lift-hold")
    def lift_hold(self, request: Request, pk: str | None = None) -> Response:
        """Seats of somebody who has left go within the minute, as the organisation's policy says."""
        given = HoldSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = lift_hold(person=self.get_object(), reason=given.validated_data["reason"], trail=self.trail)
        return Response(PersonSerializer(row).data)


class DeviceSerializer(serializers.ModelSerializer[Device]):
    class Meta:
        model = Device
        fields = [
            "id",
            "hostname",
            "serial",
            "cores",
            "platform",
            "territory",
            "person",
            "last_seen_at",
            "source",
            "retired_at",
        ]
        read_only_fields = ["id", "last_seen_at", "retired_at"]


class DeviceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Devices on which software runs."""

    serializer_class = DeviceSerializer
    queryset = Device.objects.all()
    filterset_fields = ["hostname_lower", "serial", "person"]
    permissions = {
        "list": "identity.person.view",
        "retrieve": "identity.person.view",
        "create": "identity.person.manage",
    }

    def create(self, request: Request) -> Response:
        given = DeviceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        row = create_device(
            hostname=wanted["hostname"],
            serial=wanted.get("serial", ""),
            cores=wanted.get("cores"),
            platform=wanted.get("platform", ""),
            person=wanted.get("person"),
            source="api",
            trail=self.trail,
        )
        return Response(DeviceSerializer(row).data, status=status.HTTP_201_CREATED)
