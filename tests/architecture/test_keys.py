"""Layer 4: what is kept outside tables carries the organisation in its name, or stands here with its reason."""

import ast
from pathlib import Path

import pytest

from tests.architecture.keys import Place, Reader, kept_outside_tables
from tests.architecture.source import ROOT, Module, none

CACHE: dict[str, str] = {
    "kernel.rest.counting.counted": "keeps under the name that it is given; its callers are looked at",
    "identity.oauth.limits._counted": "counts before the organisation is known: by a client's digest and a network",
}
FILES: dict[str, str] = {
    "config.settings": "folders of the installation",
    "config.environment": "the secrets of the installation",
    "config.processes": "logs of the processes of the installation",
    "config.management.commands.launch": "demo sign-ins and a stamp of the static files, both of the installation",
    "config.management.commands.demo": "the list of the demo's sign-ins",
    "config.management.commands.audit_verify": "a checkpoint that the operator names",
    "config.demo.buyer._sample": "sample files of the release",
    "licensing.views.sample": "sample files of the release",
    "licensing.management.commands.import_licenses": "a file that the operator names",
    "licensing.management.commands.plan": "the same",
    "licensing.importing.workbook": "parts of a workbook in memory",
    "reporting.management.commands.audit_package": "a copy where the operator wants it",
    "reporting.packages.fetcher": "fonts and pictures of the release",
    "reporting.packages.child": "reads the report that it drew, at the path that it is given",
    "reporting.packages.render": "a child process: reads and writes what its caller in package_files' folders names",
    "reporting.packages.archive": "writes at the path that it is given",
    "reporting.package_files.is_intact": "reads at the path that it is given",
    "reporting.package_response": "reads at the path of a package of the open organisation (handing_out)",
    "reporting.operations.building._assembled": "works beside the path of the package (build, rebuild)",
    "audit.verifier": "runs where Seatledger is not installed, on files that an auditor names",
    "audit.channels": "the folder of a destination, a row of the organisation; no two may share a folder's checkpoints",
    "audit.witnesses._published": "the same folder, to read",
}
MEMORY: dict[str, str] = {
    "identity.queries.token_keys._opened": "keys that sign tokens of all organisations",
    "identity.scim.locations.root": "one address for all",
    "kernel.vault._vault_for": "the keyring of the installation",
    "licensing.countries": "the file of the installation, by its path and time of change",
    "licensing.keyring._peppers": "the peppers of the installation",
    "licensing.keyring._signer": "by the sealed key and its place, which names the organisation",
    "licensing.plan._keys": "the published keys of who sells the installation",
    "licensing.importing.assignments": "a pure function of the text",
    "licensing.importing.entitlements": "the same",
    "licensing.operations.product_spellings": "the same",
    "reporting.packages.encoding._hints": "the types of a class",
}
BROWSERS: dict[str, str] = {
    "identity.views.oauth_metadata": "metadata and public keys of the installation, the same for everybody",
}
EXEMPT = {
    "cache": CACHE,
    "storage": dict[str, str](),
    "lock": dict[str, str](),
    "file": FILES,
    "memory": MEMORY,
    "browser": BROWSERS,
}
"""Mechanism → function, or module, whose names carry no organisation → why."""


def _covers(entry: str, place: Place) -> bool:
    return place.where == entry or place.where.startswith(f"{entry}.")


def test_what_is_kept_outside_tables_carries_the_organisation():
    """Each name of a cached value, lock, stored file or path is made by organization_key; a value that another
    organisation could meet under the same name fails here."""
    none(
        f"{place.at} {place.where}: the name in the {place.mechanism} carries no organisation"
        for place in kept_outside_tables()
        if not place.carries and not any(_covers(entry, place) for entry in EXEMPT[place.mechanism])
    )


def test_every_exemption_is_needed():
    """An entry that covers nothing any more is taken off the list."""
    bare = [place for place in kept_outside_tables() if not place.carries]
    none(
        f"{mechanism}: {entry}"
        for mechanism, entries in EXEMPT.items()
        for entry in entries
        if not any(place.mechanism == mechanism and _covers(entry, place) for place in bare)
    )


def test_each_mechanism_is_found_where_it_is_used():
    """The search is not blind: counters, the lock of idempotency, uploads and packages are seen, and carry."""
    found = {(place.mechanism, place.where) for place in kept_outside_tables() if place.carries}
    assert found >= {
        ("cache", "identity.scim.authentication._limit"),
        ("cache", "identity.saml.limits.seconds_to_wait"),
        ("lock", "jobs.operations.idempotency.kept_answer"),
        ("storage", "licensing.operations.imports.examine"),
        ("file", "reporting.package_files.store_snapshot"),
    }


def test_templates_cache_no_fragment():
    """{% cache %} names its fragment in a place that the search above does not read."""
    none(path for path in (ROOT / "templates").rglob("*.html") if "{% cache" in path.read_text(encoding="utf-8"))


IMPORTS = """
import functools
import os
from pathlib import Path
from django.core.cache import cache, caches
from django.core.files.storage import default_storage
from kernel.rest.counting import counted
from kernel.scope import organization_key
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('cache.set(f"seats:{who}", 1)', [("cache", False)]),
        ('cache.set(organization_key(who, "seats"), 1)', [("cache", True)]),
        ('cache.get_many(keys=["a"])', [("cache", False)]),
        ('caches["other"].incr("a")', [("cache", False)]),
        ('counted(f"seats:{who}", seconds=5)', [("cache", False)]),
        ('key = organization_key(who, "a"); longer = f"{key}-b"; cache.delete(longer)', [("cache", True)]),
        ('default_storage.save(f"imports/{who}", data)', [("storage", False)]),
        ('default_storage.open("imports/" + organization_key(who))', [("storage", True)]),
        ('cursor.execute("SELECT pg_advisory_xact_lock(%s)", [who])', [("lock", False)]),
        ('cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [organization_key(who)])', [("lock", True)]),
        ('cursor.execute("SELECT pg_advisory_lock(7)")', [("lock", False)]),
        ("import redis", [("lock", False)]),
        ('open(f"/tmp/{who}")', [("file", False)]),
        ('os.open("a", 0)', [("file", False)]),
        ('(Path("a") / organization_key(who)).write_text("b")', [("file", True)]),
        ('(Path("a") / str(who)).read_bytes()', [("file", False)]),
        ("functools.lru_cache(maxsize=1)(len)", [("memory", False)]),
        ("who.get(1); {}.get(2); who.set(3)", []),
    ],
)
def test_the_search_itself(line, expected):
    """What it must see, and what it must not mistake."""
    tree = ast.parse(f"{IMPORTS}\ndef work(who, cursor, data):\n    {line}\n")
    places = Reader(Module(Path(ROOT / "kernel" / "example.py"), tree)).places()
    assert [(place.mechanism, place.carries) for place in places] == expected


def test_decorators_are_seen():
    """A function whose answers are remembered is found by either spelling of the decorator."""
    tree = ast.parse(
        "from functools import cache, lru_cache\n@cache\ndef a(b): ...\n@lru_cache(maxsize=2)\ndef c(d): ..."
    )
    places = list(Reader(Module(Path(ROOT / "kernel" / "example.py"), tree)).places())
    assert sorted(place.where for place in places) == ["kernel.example.a", "kernel.example.c"]
