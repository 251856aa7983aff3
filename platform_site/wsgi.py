"""Entry point of a WSGI server: ``gunicorn platform_site.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.production")

application = get_wsgi_application()

from . import celery  # noqa: E402, F401  -- messages are published through this application
