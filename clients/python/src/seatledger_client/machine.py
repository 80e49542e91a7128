"""A stable name for this machine that tells nothing about it."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path

MACHINE_ID = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def fingerprint(application: str) -> str:
    """64 hex digits: the operating system's machine id, keyed with the application's name, so that two applications
    cannot compare their users' machines.

    Linux: /etc/machine-id (machine-id(5) asks for such a keyed form); Windows: MachineGuid; macOS: IOPlatformUUID.
    Raises LookupError where the system has none: a container, for instance, has to be given one.
    """
    found = _machine_id()
    if not found:
        raise LookupError("This machine has no id of its own; give the client a fingerprint.")
    return hmac.new(application.encode(), found.encode(), hashlib.sha256).hexdigest()


def _machine_id() -> str:
    if sys.platform == "win32":
        return _said(["reg", "query", r"HKLM\SOFTWARE\Microsoft\Cryptography", "/v", "MachineGuid"], "MachineGuid")
    if sys.platform == "darwin":
        return _said(["ioreg", "-rd1", "-c", "IOPlatformExpertDevice"], "IOPlatformUUID")
    for path in MACHINE_ID:
        if path.exists() and (text := path.read_text(encoding="ascii").strip()):
            return text
    return ""


def _said(command: list[str], label: str) -> str:
    """The last word of the line that names `label` in a system program's output."""
    try:
        output = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout  # noqa: S603  # fixed commands
    except OSError:
        return ""
    line = next((line for line in output.splitlines() if label in line), "")
    return line.split()[-1].strip('"') if line else ""
