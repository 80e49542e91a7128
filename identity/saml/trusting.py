"""The one place where a connection's row becomes what decides about messages."""

from identity.models import Binding, SamlConnection
from identity.operations.saml_keys import private_key_of
from identity.queries.single_sign_on import addresses_of
from identity.saml.consuming import KeyPair, Trust


def trust_of(connection: SamlConnection) -> Trust:
    """Needs an open scope. Our current key comes first; certificates of the provider count whatever their age, since
    who signs is decided by the key that the organisation uploaded, and a warning tells when it ends."""
    addresses = addresses_of(connection)
    keys = connection.keys.order_by("-is_current")
    return Trust(
        entity_id=addresses.entity_id,
        acs_url=addresses.acs_url,
        slo_url=addresses.slo_url,
        idp_entity_id=connection.idp_entity_id,
        idp_sso_url=connection.sso_url,
        idp_slo_url=connection.slo_url,
        posts_slo=connection.slo_binding == Binding.POST,
        certificates=tuple(connection.certificates.order_by("-not_after").values_list("pem", flat=True)),
        keys=tuple(KeyPair(row.certificate, private_key_of(row)) for row in keys),
    )
