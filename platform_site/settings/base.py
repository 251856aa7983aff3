"""The one set of settings; local, test and production only override it.

Everything a deployment may change comes from the environment (see .env.example).
"""

import datetime as dt
import ipaddress
from datetime import timedelta
from pathlib import Path

import environ
import orjson
import structlog
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from platform_site.api.conf import SPECTACULAR_SETTINGS

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

SECRET_KEY = env("SECRET_KEY", default="")
#: Earlier ones, which still open what was made under them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    # The business lines and the shared platform apps, from the top of the house to its ground.
    "reports",
    "platform_site.policy",
    "platform_site.editorial",
    "platform_site.questionnaires",
    "platform_site.obligations",
    "platform_site.casework",
    "platform_site.webhooks",
    "platform_site.documents",
    "platform_site.jobs",
    "platform_site.attachments",
    "platform_site.notifications",
    "platform_site.accounts",
    "platform_site.federations",
    "platform_site.audit",
    "platform_site.api",
    "platform_site.web",
    "platform_site.lists",
    "platform_site.text",
    # Libraries.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_cotton",
    "django_prose_editor",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "js_asset",
    "knox",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "platform_site.web.middleware.ServerAwayMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "platform_site.web.programs.CSPMiddleware",
    "platform_site.web.middleware.SecurityHeadersMiddleware",
    "platform_site.text.middleware.HostileInputMiddleware",
    "platform_site.web.middleware.LogMiddleware",
    "platform_site.web.programs.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "platform_site.web.programs.AuthenticationMiddleware",
    "platform_site.web.programs.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "platform_site.accounts.middleware.SignInRequiredMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "platform_site.audit.middleware.RefusedRequestsMiddleware",
    "platform_site.web.middleware.ProblemsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "platform_site.urls"
WSGI_APPLICATION = "platform_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "platform_site.web.context.layout",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
COTTON_DIR = "components"

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://localhost/platform")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 3,
        "options": "-c statement_timeout=15000 -c lock_timeout=5000"
        " -c idle_in_transaction_session_timeout=60000",
    }
)
# The tokens are accounts.ApiToken; the library's own table stays away.
MIGRATION_MODULES = {"knox": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Who signs in, and what they may do -----------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "platform_site.accounts.backends.SignInBackend",
    "platform_site.accounts.backends.ScopeBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "front"
ACCOUNT_ADAPTER = "platform_site.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
# Failed sign-ins are counted by django-axes, per (account, address). The other limit is per address
# and wide: a whole county sits behind one.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": "600/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Union platform"
# When on, whoever has not set up a second factor is led to do so before anything else.
MFA_COMPULSORY = env.bool("MFA_COMPULSORY", default=False)
# When on, a report can be submitted only after a leader's own account signed it off.
LEADER_SIGN_OFF_COMPULSORY = env.bool("LEADER_SIGN_OFF_COMPULSORY", default=False)
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
# A whole county shares one address: an account is slowed per (account, address), never by address alone.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_IPWARE_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
GUARDIAN_RAISE_403 = False
# Grants are asked by accounts.ScopeBackend, which also knows when they end.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
ANONYMOUS_USER_NAME = None  # guardian must not create an account for nobody
GUARDIAN_USER_OBJ_PERMS_MODEL = "accounts.ObjectGrant"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "platform_site.web.views.csrf_failure"

# --- Language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "platform_site.formats"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", default=50 * 1024 * 1024)
# Room for a 10 MB paste, so that the answer is a message beside the field and the text is kept.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Queue and mail -------------------------------------------------------------------------
REDIS_URL = env("REDIS_URL", default="redis://localhost:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
}
# The bell is rung once, briefly: the row in PostgreSQL is the truth and the sweeper finds it.
CELERY_TASK_PUBLISH_RETRY = False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# All mail, the libraries' too, is a row of the delivery ledger; a worker sends it by RELAY_URL.
EMAIL_BACKEND = "platform_site.notifications.backends.LedgerBackend"
RELAY = env.email_url("EMAIL_URL", default="consolemail://")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="platform@example.invalid")
SITE_URL = env("SITE_URL", default="http://localhost:8000")

# --- REST -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["platform_site.accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["platform_site.accounts.authentication.ScopedToken"],
    "DEFAULT_THROTTLE_CLASSES": ["platform_site.accounts.throttling.CallerThrottle"],
    "DEFAULT_PARSER_CLASSES": ["platform_site.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["platform_site.api.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "platform_site.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "platform_site.api.schema.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "ALLOWED_VERSIONS": ["v1"],
    "DEFAULT_VERSION": "v1",
    "EXCEPTION_HANDLER": "platform_site.api.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # The query parameter of that name belongs to exports, not to the choice of a renderer.
    "URL_FORMAT_OVERRIDE": None,
}
#: How many requests a token may make, by scope or by kind (read, write); by address, how many may come
#: without a token, and how many with one that is wrong. As JSON: {"reports:read": "1200/m"}.
API_RATES: dict[str, str] = {
    "read": "600/m",
    "write": "120/m",
    "anonymous": "120/m",
    "sign_in": "30/m",
    **env.json("API_RATES", default={}),
}
# One name for each set of choices in the schema, whatever the fields are called.
SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"] = {
    "AsksEnum": "reports.models.Asks",
    "NoticeStateEnum": "reports.workflow.NoticeState",
    "ReportStateEnum": "reports.workflow.ReportState",
    "JobStateEnum": "platform_site.jobs.models.Job.State",
    "WebhookStateEnum": "platform_site.webhooks.models.Webhook.State",
    "DeliveryStateEnum": "platform_site.notifications.models.Delivery.State",
    "FederationKindEnum": "platform_site.federations.models.Federation.Kind",
    "AccountStateEnum": "platform_site.accounts.models.User.State",
    "ObligationStateEnum": "platform_site.obligations.models.Obligation.State",
    "AllowanceKindEnum": "platform_site.obligations.models.Allowance.Kind",
    "RungEnum": "platform_site.casework.serializers.RUNGS.values",
    "ReminderChannelEnum": "platform_site.casework.models.Channel",
    "DeliveryChannelEnum": "platform_site.notifications.models.Delivery.Channel",
    "DocumentKindEnum": "platform_site.documents.models.DocumentKind",
    "ActionStateEnum": "platform_site.obligations.workflow.ActionState",
    "SupervisionStateEnum": "reports.workflow.SupervisionState",
    "SupervisionKindEnum": "reports.models.SupervisionKind",
    "PhoneRoundStateEnum": "reports.workflow.PhoneRoundState",
    "CircularStateEnum": "reports.workflow.CircularState",
    "HandoverStateEnum": "reports.workflow.HandoverState",
    "WorkStateEnum": "reports.queries.work_system.WorkState",
    "WorkSubjectEnum": "reports.models.WorkSubject",
    "ExhibitKindEnum": "reports.queries.exhibits.ExhibitKind",
    "NumberLayoutEnum": "platform_site.documents.models.LAYOUTS",
    "ColumnKindEnum": "platform_site.questionnaires.kinds.COLUMN_KINDS",
    "QuestionKindEnum": "platform_site.questionnaires.models.Question.Kind",
    "OwnQuestionKindEnum": "reports.models.cascade.OWN_QUESTION_KINDS",
    "RuleLevelEnum": "platform_site.questionnaires.models.Rule.Level",
    "PieceStateEnum": "platform_site.editorial.workflow.PieceState",
    "AudienceEnum": "platform_site.editorial.models.Audience",
    "BusinessLineEnum": "platform_site.federations.lines.BusinessLine",
    "PolicyKindEnum": "platform_site.policy.models.PolicyKind",
    "PolicyLevelEnum": "platform_site.policy.models.Level",
    "PolicyValidityEnum": "platform_site.policy.models.Validity",
    "PolicyRelationEnum": "platform_site.policy.models.PolicyRelation.Kind",
}
REST_KNOX = {
    "TOKEN_MODEL": "accounts.ApiToken",
    "TOKEN_TTL": timedelta(days=90),
    "TOKEN_PREFIX": "zg_",
}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105

# --- Security headers -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        # The hash is that of nothing: an empty style element keeps the editor from writing its own rules.
        "style-src": [SELF, NONCE, "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- The platform itself --------------------------------------------------------------------
DEMO_MODE = env.bool("DEMO_MODE", default=False)
SITE_OWNER = env("SITE_OWNER", default="")  # 主办单位; blank hides the line of the footer
ICP_NUMBER = env("ICP_NUMBER", default="")
SITE_CODE = env("SITE_CODE", default="")
HELP_LINE = env("HELP_LINE", default="")

# --- Official documents ---------------------------------------------------------------------
#: A folder with licensed fonts (小标宋, 仿宋_GB2312 …) for the PDF; empty: the free ones alone.
DOCUMENT_FONTS_DIR: str = env("DOCUMENT_FONTS_DIR", default="")
#: Their family names where these are not the usual ones: {"title": …, "fang", "kai", "hei", "song"}.
DOCUMENT_FACES: dict[str, str] = env.json("DOCUMENT_FACES", default={})

LOG_LEVEL: str = env("LOG_LEVEL", default="INFO")
structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(LOG_LEVEL),
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(
            serializer=lambda line, **_: orjson.dumps(line, default=str).decode()
        ),
    ],
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

# Terms of service inside the house, by rule code, where a deployment differs from the default;
# as JSON, for example {"reports.review": 7}. Statutory terms are never set here.
SERVICE_STANDARDS: dict[str, int] = env.json("SERVICE_STANDARDS", default={})
#: Reminders go out on working days between these hours (and all day on the last day).
REMINDER_HOURS = (
    dt.time.fromisoformat(env("REMINDERS_FROM", default="08:30")),
    dt.time.fromisoformat(env("REMINDERS_UNTIL", default="18:00")),
)
#: Chat robots that reminders may go to, by apprise's scheme (wecombot, dingtalk, feishu); none by default.
CHAT_SCHEMES: list[str] = env.list("CHAT_SCHEMES", default=[])
#: After how many seconds a claim belongs to a worker that died.
DELIVERY_LEASE_SECONDS: int = env.int("DELIVERY_LEASE_SECONDS", default=120)
#: A file with the Message-ID of each message the relay took, a line each; asked before sending again.
RELAY_LOG_FILE: str = env("RELAY_LOG_FILE", default="")
#: Networks inside which a webhook may lead, as CIDR; elsewhere only public addresses are told anything.
#: Inside them plain http is let through too.
WEBHOOK_ALLOWED_NETWORKS = [
    ipaddress.ip_network(network) for network in env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])
]
#: Authorities of one's own whose certificates webhooks may have besides the system's (a PEM file).
WEBHOOK_CA_FILE: str = env("WEBHOOK_CA_FILE", default="")
#: After how many days events and the log of their deliveries are deleted.
WEBHOOK_LOG_DAYS: int = env.int("WEBHOOK_LOG_DAYS", default=30)
#: What a monitoring system says to read /metrics (Authorization: Bearer …); blank: no such page.
METRICS_TOKEN: str = env("METRICS_TOKEN", default="")
#: After how many seconds without a sign of life a background job counts as left by a dead worker.
JOB_LEASE_SECONDS: int = env.int("JOB_LEASE_SECONDS", default=60)
#: After how many days the file that a background job made is deleted.
JOB_RESULT_DAYS: int = env.int("JOB_RESULT_DAYS", default=30)
#: After so many seconds a bulk of the API begins nothing more: its answer must come before the proxy gives up.
BULK_SECONDS: int = env.int("BULK_SECONDS", default=25)
