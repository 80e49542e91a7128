"""Reads the environment for config.settings: typed, secrets also from files, errors that name the variable."""

import base64
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ

from kernel.errors import Misconfigured

KEY_BYTES = 32


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `<name>_FILE` names."""
    path = os.environ.get(f"{name}_FILE")
    if path and name in os.environ:
        raise Misconfigured(f"{name} and {name}_FILE are both set; keep one of them")
    if not path:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Misconfigured(f"{name}_FILE: {path} cannot be read ({error.strerror})") from error


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "on" if default else "off").strip().lower()
    if value not in {"on", "off", "true", "false", "1", "0", "yes", "no"}:
        raise Misconfigured(f"{name}: expected on or off, got {value!r}")
    return value in {"on", "true", "1", "yes"}


def whole(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name, str(default))
    if not value.strip().isdigit() or int(value) < least:
        raise Misconfigured(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return int(value)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = os.environ.get(name, default)
    if value not in allowed:
        raise Misconfigured(f"{name}: expected one of {', '.join(allowed)}, got {value!r}")
    return value


def base_url(name: str, default: str) -> str:
    """An origin such as https://licences.example.com; plain http is taken for loopback addresses only."""
    value = os.environ.get(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise Misconfigured(f"{name}: expected an address like https://licences.example.com, got {value!r}")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise Misconfigured(f"{name}: plain http is accepted for 127.0.0.1 only; sign-in cookies need https")
    return value


def database(name: str, default: str) -> dict[str, object]:
    """A Django database dictionary from a URL: PostgreSQL or SQLite, nothing else."""
    value = text(name, default)
    try:
        parsed = dict(environ.Env.db_url_config(value))
    except Exception as error:
        raise Misconfigured(
            f"{name}: cannot be read as a database address such as postgres://user:password@host/name"
        ) from error
    if not str(parsed.get("ENGINE", "")).endswith(("postgresql", "sqlite3")):
        raise Misconfigured(f"{name}: expected postgres://… or sqlite:///…")
    return parsed


def embedded_secrets(data_dir: Path) -> dict[str, str]:
    """The secrets of an installation without configuration: drawn once, kept in `secrets.env` with mode 0600."""
    path = data_dir / "secrets.env"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        drawn = {
            "SEATLEDGER_SECRET_KEY": secrets.token_urlsafe(48),
            "SEATLEDGER_VAULT_KEYS": "1:" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
            "SEATLEDGER_KEY_PEPPERS": "1:" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        }
        # Written beside and linked into place: of two first starts at once, one wins and both read the same file.
        draft = data_dir / f"secrets.env.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{key}={value}\n" for key, value in drawn.items())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def mail(name: str, default: str) -> dict[str, object]:
    """Django's e-mail settings from an address such as smtp+tls://user:password@host:587, or consolemail://."""
    value = text(name, default)
    try:
        return dict(environ.Env.email_url_config(value))
    except Exception as error:
        raise Misconfigured(
            f"{name}: cannot be read as an address such as smtp+tls://user:password@host:587"
        ) from error
