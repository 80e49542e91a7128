"""What the sign-in throttle may store of a visitor: a truncated address and a keyed digest, never the originals."""

import hashlib
import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV4_PREFIX = 24
IPV6_PREFIX = 48


def truncated(address: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) network of an address, as its first address; empty for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    prefix = IPV4_PREFIX if parsed.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network(f"{parsed}/{prefix}", strict=False).network_address)


def truncated_address(request: HttpRequest) -> str:
    return truncated(client_address(request))


def client_address(request: HttpRequest) -> str:
    """Where the request comes from. Behind proxies it is the entry of X-Forwarded-For that the outermost of our own
    wrote; whatever a client put before it is not believed."""
    if not settings.TRUSTED_PROXIES:
        return str(request.META.get("REMOTE_ADDR", ""))
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if len(told) < settings.TRUSTED_PROXIES:
        return str(request.META.get("REMOTE_ADDR", ""))
    return str(told[-settings.TRUSTED_PROXIES])


def user_digest(request: HttpRequest | None, credentials: dict[str, str] | None) -> str:
    """A keyed digest of the user name that somebody typed, the same for every spelling in upper and lower case."""
    typed = (credentials or {}).get("username") or (request.POST.get("username", "") if request is not None else "")
    key = hashlib.sha256(b"sign-in throttle:" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, typed.strip().lower().encode(), hashlib.sha256).hexdigest()
