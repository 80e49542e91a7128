"""config/settings.py as the tests use it: the same file, with folders of the test run's own and static files unhashed.

It stands apart because the environment must be set before the settings are read. Child processes started by tests
inherit this environment and read config/settings.py itself.
"""

import atexit
import os
import shutil
import tempfile
from urllib.parse import urlsplit

_folder = tempfile.mkdtemp(prefix="seatledger-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["SEATLEDGER_DATA_DIR"] = _folder
os.environ.setdefault("SEATLEDGER_SECRET_KEY", "a-key-for-tests-only-of-more-than-fifty-characters-0123456789")
os.environ.setdefault("SEATLEDGER_VAULT_KEYS", "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
os.environ.setdefault("SEATLEDGER_KEY_PEPPERS", "1:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=")
# Tests of the limit set their own; the others, and servers that they start, ask as much as they like.
os.environ.setdefault("SEATLEDGER_API_REQUESTS_PER_MINUTE", "1000000")
# What a test changes is seen by the next validation; tests of snapshots set their own.
os.environ.setdefault("SEATLEDGER_SNAPSHOT_SECONDS", "0")
_process = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
if _process:
    # Each process of the run has Redis databases of its own beside 0 and 1: no worker takes another's tasks.
    for _place, _variable in enumerate(("REDIS_URL", "CELERY_BROKER_URL")):
        _url = urlsplit(os.environ.get(_variable, ""))
        if _url.scheme.startswith("redis"):
            os.environ[_variable] = _url._replace(path=f"/{2 + 2 * int(_process) + _place}").geturl()

from config.settings import *  # noqa: E402, F403  # the environment comes first, and everything is wanted
from config.settings import DATA_DIR, DATABASES, EMBEDDED, STORAGES  # noqa: E402

if EMBEDDED:
    # A file, not memory: threads, clones and servers of a test open it too.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    # Nobody needs the rows of a test after a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
# Files are looked up when they are asked for. Listed ahead, they would be listed again for each browser of each test,
# since every django.test.Client builds the middleware anew: half the time of a sign-in.
WHITENOISE_AUTOREFRESH = True
(DATA_DIR / "static").mkdir(exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "identity.hashers.DrawnSecretHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
