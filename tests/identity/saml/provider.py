"""Starting the identity provider on pysaml2 as a process of its own."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.identity.saml.signers import signer
from tests.plugins.servers import ROOT, free_port, wait_for


def started_provider(folder: Path, ended: ExitStack) -> str:
    """The address of a provider that knows the service provider of `folder`/sp.xml; it ends with the stack.

    Needs Debian's xmlsec1: `bin/system-packages xmlsec`.
    """
    keys = signer("pysaml2")
    (folder / "key.pem").write_bytes(keys.key)
    (folder / "cert.pem").write_text(keys.certificate)
    port = free_port()
    script = Path(__file__).with_name("pysaml2_idp.py")
    log = ended.enter_context((folder / "log").open("wb"))
    process = subprocess.Popen([sys.executable, str(script), str(port), str(folder)], cwd=ROOT, stdout=log, stderr=log)
    ended.callback(process.wait, timeout=20)
    ended.callback(process.terminate)
    wait_for(f"http://127.0.0.1:{port}/metadata")
    return f"http://127.0.0.1:{port}"
