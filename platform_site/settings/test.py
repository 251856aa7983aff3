"""For the tests: fast hashing, one fixed key; the servers are real ones."""

from .base import *  # noqa: F403

SECRET_KEY = "tests"  # noqa: S105  # nosec B105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests that are not about limits meet none.
API_RATES = dict.fromkeys(("read", "write", "anonymous", "sign_in"), "1000000/s")
