"""How many requests in how much time: a bucket for each caller and kind of request (decision 0015).

The rule is GCRA: a bucket is one number, the moment at which it will be full again. A request moves
that moment on by one interval, and is refused where it would lie more than a whole quota ahead. One
script in Valkey does it, by Valkey's clock. While Valkey is away each process does the same by itself.
"""

from __future__ import annotations

import functools
import logging
import math
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from platform_site.problems import TooMany

logger = logging.getLogger(__name__)

#: How long one request may wait for Valkey (seconds); measured, it answers within 0.0002.
PATIENCE_SECONDS = 0.25
#: After a failure one request alone tries again, when this long has passed (seconds, in this process).
QUIET_SECONDS = 5.0
#: How many buckets a process keeps by itself before it drops those that are full again.
LOCAL_BUCKETS = 10_000
#: A hash in Valkey: how many requests each policy has refused.
REFUSED = "api:refused"

_MICRO = 1_000_000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_RATE = re.compile(r"([1-9][0-9]{0,6})/([smhd])")

# All numbers are whole microseconds below 2**53, which Lua's numbers hold exactly.
_SPEND = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local allowed = 0
if full + interval - now <= tolerance then
  allowed, full = 1, full + interval
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
else
  redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
end
return {allowed, string.format('%.0f', full - now)}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, and so many again in each window of so many seconds."""

    quota: int
    window: int

    @property
    def interval(self) -> int:
        """Microseconds after which one more request is let through."""
        return max(1, self.window * _MICRO // self.quota)

    @property
    def tolerance(self) -> int:
        return self.interval * self.quota


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bucket stands after a request: ``ahead`` microseconds until it is full again."""

    policy: str
    rate: Rate
    allowed: bool
    ahead: int

    @property
    def remaining(self) -> int:
        return max(0, (self.rate.tolerance - self.ahead) // self.rate.interval)

    @property
    def seconds(self) -> int:
        """Until one more request is let through than ``remaining`` says."""
        missing = self.rate.interval * (self.remaining + 1) - (self.rate.tolerance - self.ahead)
        return math.ceil(missing / _MICRO)

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-11 has them."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.rate.quota};w={self.rate.window}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={self.seconds}',
        }


# --- Which rate ----------------------------------------------------------------------------------
@functools.cache
def rate_from(text: str) -> Rate:
    """``600/m``: a number of requests, and a second, minute, hour or day."""
    found = _RATE.fullmatch(text)
    if found is None:
        raise ImproperlyConfigured(f"API_RATES: {text!r} is no rate; write 600/m, 20/s, 5000/d")
    return Rate(int(found[1]), _UNITS[found[2]])


def rate_of(policy: str) -> Rate:
    """The rate of a scope (``reports:read``), else of its kind (``read``)."""
    given: dict[str, str] = settings.API_RATES
    return rate_from(given.get(policy) or given[policy.rpartition(":")[2]])


# --- Spending ------------------------------------------------------------------------------------
def spend(policy: str, caller: str) -> Standing:
    """One request of ``caller`` under ``policy``; never fails and never waits for long."""
    rate, bucket = rate_of(policy), _bucket(policy, caller)
    told = _ask(lambda: _spend_in_valkey(bucket, policy, rate))
    allowed, ahead = _local.spend(bucket, rate) if told is None else told
    return Standing(policy, rate, allowed, ahead)


def require(policy: str, caller: str, request: Any) -> None:
    """Spend one request, or refuse it; :class:`Limited` tells the caller how the bucket stands."""
    standing = spend(policy, caller)
    request.limit_standing = standing
    if not standing.allowed:
        raise TooMany(
            "too_many_requests",
            _("More than %(quota)d requests in %(window)d seconds. Try again in %(wait)d seconds.")
            % {
                "quota": standing.rate.quota,
                "window": standing.rate.window,
                "wait": standing.seconds,
            },
            retry_after=standing.seconds,
            policy=policy,
        )


def look(policies: Iterable[str], caller: str) -> list[Standing]:
    """How the caller's buckets stand, without spending anything."""
    wanted = list(policies)
    buckets = [_bucket(policy, caller) for policy in wanted]
    found = _ask(lambda: _look_in_valkey(buckets)) if buckets else []
    if found is None:
        found = [_local.ahead(bucket) for bucket in buckets]
    return [
        Standing(policy, rate, ahead + rate.interval <= rate.tolerance, ahead)
        for policy, ahead in zip(wanted, found, strict=True)
        for rate in [rate_of(policy)]
    ]


def refused() -> dict[str, int]:
    """How many requests each policy has refused since Valkey was last emptied."""
    found = _ask(lambda: _client(settings.REDIS_URL).hgetall(REFUSED)) or {}
    return {policy.decode(): int(many) for policy, many in found.items()}


def _bucket(policy: str, caller: str) -> str:
    return f"api:rate:{policy}:{caller}"


# --- In Valkey -----------------------------------------------------------------------------------
_lock = threading.Lock()
_away_until = 0.0


@functools.cache
def _client(url: str) -> Any:
    # A pooled connection that an idle hour has closed is opened again at once; nothing else is.
    again = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        retry=again,
    )


@functools.cache
def _script(url: str) -> Any:
    return _client(url).register_script(_SPEND)


def _spend_in_valkey(bucket: str, policy: str, rate: Rate) -> tuple[bool, int]:
    allowed, ahead = _script(settings.REDIS_URL)(
        keys=[bucket, REFUSED], args=[rate.interval, rate.tolerance, policy]
    )
    return bool(allowed), int(ahead)


def _look_in_valkey(buckets: list[str]) -> list[int]:
    asked = _client(settings.REDIS_URL).pipeline(transaction=False)
    (seconds, micro), found = asked.time().mget(buckets).execute()
    now = seconds * _MICRO + micro
    return [max(0, int(full or 0) - now) for full in found]


def _ask(question: Any) -> Any:
    """The answer of Valkey; None while it is away."""
    global _away_until
    if not _may_try():
        return None
    try:
        answer = question()
    except (redis.RedisError, OSError) as fault:
        _away_until = time.monotonic() + QUIET_SECONDS
        logger.warning("Valkey is away (%s): limits hold in this process.", type(fault).__name__)
        return None
    _away_until = 0.0
    return answer


def _may_try() -> bool:
    """Is Valkey there as far as known? After a failure one request alone finds out."""
    global _away_until
    if not _away_until:
        return True
    with _lock:
        now = time.monotonic()
        if now < _away_until:
            return False
        _away_until = now + QUIET_SECONDS
        return True


def try_again() -> None:
    """Forget that Valkey was away, and what this process counted meanwhile (tests)."""
    global _away_until
    _away_until = 0.0
    _local.forget()


# --- In this process -----------------------------------------------------------------------------
class _Local:
    """The same rule by the clock of this process, while Valkey is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._full: dict[str, int] = {}

    def spend(self, bucket: str, rate: Rate) -> tuple[bool, int]:
        now = self._now()
        with self._lock:
            full = max(now, self._full.get(bucket, 0))
            allowed = full + rate.interval - now <= rate.tolerance
            if allowed:
                full += rate.interval
                if len(self._full) >= LOCAL_BUCKETS:
                    self._full = {name: at for name, at in self._full.items() if at > now}
                self._full[bucket] = full
        return allowed, full - now

    def ahead(self, bucket: str) -> int:
        return max(0, self._full.get(bucket, 0) - self._now())

    def forget(self) -> None:
        with self._lock:
            self._full = {}

    @staticmethod
    def _now() -> int:
        return time.monotonic_ns() // 1000


_local = _Local()


# --- In the views --------------------------------------------------------------------------------
class Limited:
    """For views: counts a request before its rights are asked (a refusal costs as much as an answer),
    and tells on every answer how the bucket stands.
    """

    def check_permissions(self, request: Any) -> None:
        super().check_throttles(request)  # type: ignore[misc]
        self.check_rights(request)

    def check_rights(self, request: Any) -> None:
        """Without counting: for an item of a bulk, which was counted as one request."""
        super().check_permissions(request)  # type: ignore[misc]

    def check_throttles(self, request: Any) -> None:
        """Done before the rights were asked."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        standing: Standing | None = getattr(request, "limit_standing", None)
        for name, value in (standing.headers() if standing else {}).items():
            response[name] = value
        return response
