"""Addresses of what an organisation settles about itself: its members, roles, reviews of access, and directory."""

from django.urls import path

from identity.views import access_reviews, members, roles

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
    path("access-reviews/", access_reviews.review_list, name="access-reviews"),
    path("access-reviews/start/", access_reviews.start, name="access-review-start"),
    path("access-reviews/mine/", access_reviews.mine, name="access-review-mine"),
    path("access-reviews/<uuid:review_id>/", access_reviews.review, name="access-review"),
    path("access-reviews/<uuid:review_id>/reassign/", access_reviews.reassign, name="access-review-reassign"),
    path("access-reviews/<uuid:review_id>/close/", access_reviews.close, name="access-review-close"),
    path("access-reviews/<uuid:review_id>/export/", access_reviews.export, name="access-review-export"),
]
