"""Addresses of what an organisation settles about itself: its members, roles, reviews of access, and directory."""

from django.urls import path

from identity.views import members, roles

app_name = "organization"
urlpatterns = [
    path("members/", members.member_list, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/<uuid:membership_id>/", members.member, name="member"),
    path("members/<uuid:membership_id>/end/", members.end, name="member-end"),
    path("members/<uuid:membership_id>/person/", members.link, name="member-link"),
    path("invitations/<uuid:invitation_id>/withdraw/", members.withdraw, name="withdraw"),
    path("roles/", roles.role_list, name="roles"),
    path("roles/matrix/", roles.role_matrix, name="role-matrix"),
]
