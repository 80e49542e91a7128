"""Addresses of the local sign-in and of the own account."""

from django.urls import path

from identity.views import company, joining, own_account, password_reset, proving, second_factor, signing_in

app_name = "identity"
urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("company/", company.company, name="company"),
    path("link/<uuid:request_id>/", company.link, name="link"),
    path("organizations/", signing_in.organizations, name="organizations"),
    path("invitation/", joining.invitation, name="invitation"),
    path("second-factor/", proving.challenge, name="second-factor"),
    path("second-factor/settings/", second_factor.settings_page, name="second-factor-settings"),
    path("second-factor/set-up/", second_factor.set_up, name="second-factor-set-up"),
    path("second-factor/picture.svg", second_factor.picture, name="second-factor-picture"),
    path("second-factor/recovery-codes/", second_factor.renew_codes, name="recovery-codes"),
    path("second-factor/replace/", second_factor.replace, name="second-factor-replace"),
    path("second-factor/disable/", second_factor.disable, name="second-factor-disable"),
    path("confirm/", proving.confirm, name="confirm"),
    path("profile/", own_account.profile, name="profile"),
    path("password/", own_account.password, name="password"),
    path("password/reset/<str:token>/", password_reset.reset, name="password-reset"),
    path("sessions/", own_account.session_list, name="sessions"),
    path("sessions/end-others/", own_account.end_others, name="sessions-end-others"),
    path("sessions/<uuid:session_id>/end/", own_account.end_session, name="session-end"),
]
