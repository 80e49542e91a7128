"""Writes of identity/."""

from identity.operations.access_tokens import (
    forget_ended_tokens,
    record_consent,
    record_refresh_replayed,
    record_token_issued,
    record_token_revoked,
)
from identity.operations.accounts import (
    change_profile,
    create_account,
    end_membership,
    grant_membership,
    record_sign_in,
    record_sign_out,
)
from identity.operations.api_clients import (
    IssuedClient,
    NewApiClient,
    create_api_client,
    revoke_api_client,
    rotate_client_secret,
)
from identity.operations.client_scopes import ScopeChange, change_client_scopes
from identity.operations.directory import (
    NewPerson,
    add_to_group,
    create_device,
    create_group,
    create_org_unit,
    create_person,
    deactivate_person,
    reactivate_person,
)
from identity.operations.factor_reset import note_factor_reset, reset_second_factor
from identity.operations.granting import LastOwner
from identity.operations.invitations import (
    InvitationNotFound,
    NewInvitation,
    accept_invitation,
    invite_member,
    withdraw_invitation,
)
from identity.operations.memberships import MembershipNotFound, change_roles, link_person
from identity.operations.organizations import (
    FirstMember,
    check_organization,
    create_organization,
    furnish_organization,
)
from identity.operations.owners import add_owner
from identity.operations.passwords import (
    change_password,
    forget_reset_token,
    reset_password,
    reset_sealing_place,
    send_member_password_reset,
    send_password_reset,
)
from identity.operations.second_factor import (
    accept_code,
    disable_second_factor,
    enable_second_factor,
    pending_secret,
    record_lock,
    renew_recovery_codes,
    replace_second_factor,
)
from identity.operations.sessions import (
    end_other_sessions,
    end_session,
    end_sessions_here,
    forget_ended_sessions,
    move_session,
    session_passed_factor,
    session_seen,
    session_works_in,
    start_session,
)
from identity.operations.sign_in_attempts import forget_sign_in_attempts
from identity.operations.sign_in_policy import (
    close_refusal_window,
    count_refused_sign_in,
    refusal_window_is_over,
    set_sign_in_policy,
)
from identity.operations.token_keys import ensure_token_key, rotate_token_key

__all__ = [
    "FirstMember",
    "InvitationNotFound",
    "IssuedClient",
    "LastOwner",
    "MembershipNotFound",
    "NewApiClient",
    "NewInvitation",
    "NewPerson",
    "ScopeChange",
    "accept_code",
    "accept_invitation",
    "add_owner",
    "add_to_group",
    "change_client_scopes",
    "change_password",
    "change_profile",
    "change_roles",
    "check_organization",
    "close_refusal_window",
    "count_refused_sign_in",
    "create_account",
    "create_api_client",
    "create_device",
    "create_group",
    "create_org_unit",
    "create_organization",
    "create_person",
    "deactivate_person",
    "disable_second_factor",
    "enable_second_factor",
    "end_membership",
    "end_other_sessions",
    "end_session",
    "end_sessions_here",
    "ensure_token_key",
    "forget_ended_sessions",
    "forget_ended_tokens",
    "forget_reset_token",
    "forget_sign_in_attempts",
    "furnish_organization",
    "grant_membership",
    "invite_member",
    "link_person",
    "move_session",
    "note_factor_reset",
    "pending_secret",
    "reactivate_person",
    "record_consent",
    "record_lock",
    "record_refresh_replayed",
    "record_sign_in",
    "record_sign_out",
    "record_token_issued",
    "record_token_revoked",
    "refusal_window_is_over",
    "renew_recovery_codes",
    "replace_second_factor",
    "reset_password",
    "reset_sealing_place",
    "reset_second_factor",
    "revoke_api_client",
    "rotate_client_secret",
    "rotate_token_key",
    "send_member_password_reset",
    "send_password_reset",
    "session_passed_factor",
    "session_seen",
    "session_works_in",
    "set_sign_in_policy",
    "start_session",
    "withdraw_invitation",
]
