"""Addresses of what an organisation settles about itself: members, roles, reviews of access, programs, sign-in."""

from django.urls import path

from identity.views import api_clients, email_domains, members, roles, single_sign_on
from identity.views import access_reviews, members, roles

app_name = "organization"
urlpatterns = [
    path("api-clients/", api_clients.client_list, name="api-clients"),
    path("api-clients/new/", api_clients.new_client, name="api-client-new"),
    path("api-clients/<uuid:client_id>/secret/", api_clients.rotate_secret, name="api-client-secret"),
    path("api-clients/<uuid:client_id>/revoke/", api_clients.revoke, name="api-client-revoke"),
    path("single-sign-on/", single_sign_on.overview, name="sso"),
    path("single-sign-on/new/", single_sign_on.new, name="sso-new"),
    path("single-sign-on/policy/", single_sign_on.policy, name="sso-policy"),
    path("single-sign-on/domains/", email_domains.claim, name="sso-domain-claim"),
    path("single-sign-on/domains/<uuid:domain_id>/prove/", email_domains.prove, name="sso-domain-prove"),
    path("single-sign-on/domains/<uuid:domain_id>/give-up/", email_domains.give_up, name="sso-domain-give-up"),
    path("single-sign-on/<uuid:connection_id>/", single_sign_on.connection, name="sso-connection"),
    path("single-sign-on/<uuid:connection_id>/metadata/", single_sign_on.upload_metadata, name="sso-upload"),
    path("single-sign-on/<uuid:connection_id>/provider/", single_sign_on.enter_provider, name="sso-provider"),
    path("single-sign-on/<uuid:connection_id>/treatment/", single_sign_on.treatment, name="sso-treatment"),
    path("single-sign-on/<uuid:connection_id>/groups/", single_sign_on.group_roles, name="sso-groups"),
    path("single-sign-on/<uuid:connection_id>/activate/", single_sign_on.activate, name="sso-activate"),
    path("single-sign-on/<uuid:connection_id>/disable/", single_sign_on.disable, name="sso-disable"),
    path("single-sign-on/<uuid:connection_id>/keys/<slug:step>/", single_sign_on.key_step, name="sso-key"),
    path("single-sign-on/<uuid:connection_id>/tests/<uuid:request_id>/", single_sign_on.test_result, name="sso-test"),
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
"""Addresses of the organisation's own settings."""

from django.urls import path

from identity.views import sign_in_policy

app_name = "organization"
urlpatterns = [
    path("sign-in/", sign_in_policy.sign_in_policy, name="sign-in"),
from identity.views import provisioning

app_name = "organization"
urlpatterns = [
    path("provisioning/", provisioning.provisioning, name="provisioning"),
    path("provisioning/tokens/<uuid:token_id>/rotate/", provisioning.rotate_token, name="provisioning-rotate"),
    path("provisioning/tokens/<uuid:token_id>/revoke/", provisioning.revoke_token, name="provisioning-revoke"),
]
