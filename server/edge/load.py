"""The limits on load: requests, cost and running work of each key and organization, and requests of strangers by address.

Each refuses before anything is run, so that a refused request may always be sent again. They count in this process only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from labelyard.domain.error import TooManyRequests
from labelyard.server.edge.body_room import BodyRoom
from labelyard.server.edge.exchange import Caller
from labelyard.server.edge.rate import Buckets, Rate
from labelyard.server.edge.running import RunningLimits, RunningRequests
from labelyard.server.resident_memory import ResidentMemory

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """The numbers; `server.settings` has a setting for each."""

    requests_per_minute: float = 1_000
    request_burst: float = 1_000
    organization_requests_per_minute: float = 10_000
    cost_per_minute: float = 2_000_000
    organization_cost_per_minute: float = 20_000_000
    anonymous_requests_per_minute: float = 60
    failed_keys_per_minute: float = 30
    running: RunningLimits = field(default_factory=RunningLimits)
    body_bytes_at_once: int = 256 * MIB
    max_rss_bytes: int = 0


class Load:
    """The counters of load, with the refusals."""

    def __init__(self, limits: LoadLimits | None = None) -> None:
        limits = limits or LoadLimits()

        def buckets(setting: str, per_minute: float, burst: float | None = None) -> Buckets:
            return Buckets(Rate(f"LABELYARD_{setting}", per_minute, per_minute if burst is None else burst))

        self._requests = buckets("REQUESTS_PER_MINUTE", limits.requests_per_minute, limits.request_burst)
        self._organization_requests = buckets(
            "ORGANIZATION_REQUESTS_PER_MINUTE", limits.organization_requests_per_minute
        )
        self._file_requests, self._organization_file_requests = (
            buckets("ORGANIZATION_REQUESTS_PER_MINUTE", limits.organization_requests_per_minute) for _ in range(2)
        )
        self._cost = buckets("COST_PER_MINUTE", limits.cost_per_minute)
        self._organization_cost = buckets("ORGANIZATION_COST_PER_MINUTE", limits.organization_cost_per_minute)
        self._anonymous = buckets("ANONYMOUS_REQUESTS_PER_MINUTE", limits.anonymous_requests_per_minute)
        self._failed_keys = buckets("FAILED_KEYS_PER_MINUTE", limits.failed_keys_per_minute)
        self.running = RunningRequests(limits.running)
        self.bodies = BodyRoom(limits.body_bytes_at_once, memory=ResidentMemory(limits.max_rss_bytes))

    def admit(self, caller: Caller) -> None:
        """Count a request of a key and its organization."""
        self._take("requests of this key", self._requests, caller.key, 1.0)
        self._take("requests of this organization", self._organization_requests, caller.organization_id, 1.0)

    def admit_file(self, caller: Caller) -> None:
        """Count a request by a signed URL, of the person it was made for and their organization.

        They come in masses (one for each file of an import), so a person may make as many as an organization makes others.
        """
        self._take("requests for files of this person", self._file_requests, caller.key, 1.0)
        self._take(
            "requests for files of this organization", self._organization_file_requests, caller.organization_id, 1.0
        )

    def admit_stranger(self, network: str) -> None:
        """Count a request without a valid key."""
        self._take("requests without a valid key from this address", self._anonymous, network, 1.0)

    def charge(self, caller: Caller, cost: float) -> None:
        """Count the cost of a request that is about to run, for its key and its organization or for neither."""
        seconds = self._organization_cost.seconds_until(caller.organization_id, cost)
        if seconds:
            raise _too_often("cost of this organization", self._organization_cost.rate, seconds)
        self._take("cost of this key", self._cost, caller.key, cost)
        self._take("cost of this organization", self._organization_cost, caller.organization_id, cost)

    def require_few_failures(self, network: str) -> None:
        """Refuse an address from which too many keys were wrong."""
        seconds = self._failed_keys.seconds_until(network)
        if seconds:
            raise _too_often("wrong keys from this address", self._failed_keys.rate, seconds)

    def count_failure(self, network: str) -> None:
        """Count a key that was wrong."""
        self._failed_keys.take(network)

    def _take(self, what: str, buckets: Buckets, name: str, amount: float) -> None:
        seconds = buckets.take(name, amount)
        if seconds:
            raise _too_often(what, buckets.rate, seconds)


def _too_often(what: str, rate: Rate, seconds: float) -> TooManyRequests:
    return TooManyRequests(
        f"The {what}: more than {rate.per_minute:,.0f} a minute ({rate.setting}); nothing was run, try again in "
        f"{math.ceil(seconds)} s.",
        retryAfterSeconds=min(60, math.ceil(seconds)),
        limit=rate.setting,
        value=rate.per_minute,
    )
