"""Entry point of a WSGI server: ``gunicorn platform_site.wsgi``."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.production")

application = get_wsgi_application()

from . import celery  # noqa: E402, F401  -- messages are published through this application

# What was loaded stays for good: the collector need not walk it again and again for the thousands of small
# objects that one answer is made of, and that go with it.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
