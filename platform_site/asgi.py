"""Entry point of an ASGI server. The platform is written for WSGI; this serves the same pages."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.production")

application = get_asgi_application()

from . import celery  # noqa: E402, F401  -- messages are published through this application
