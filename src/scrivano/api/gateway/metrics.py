"""What Prometheus reads at `/metrics`: counts of this process since it started."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from scrivano.api.gateway.house import House
from scrivano.api.gateway.visit import Visit
from scrivano.llm.public import BreakerState, Response

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_STATES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


@dataclass(frozen=True, slots=True)
class _OfVisits:
    """What an endpoint's visits of one status are counted in; looked up once."""

    count: Counter
    seconds: Histogram


@dataclass(frozen=True, slots=True)
class _OfAnswers:
    """What a model's answers of one kind are counted in."""

    count: Counter
    tokens_in: Counter
    tokens_out: Counter
    cost: Counter
    seconds: Histogram


class Metrics:
    """Counts what passes through the gateway."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._visits = Counter(
            "scrivano_http_requests",
            "Requests by endpoint and status.",
            ["endpoint", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "scrivano_http_request_seconds",
            "Seconds until a response's last byte.",
            ["endpoint"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        labels = ["provider", "model"]
        self._answers = Counter(
            "scrivano_llm_answers", "Complete answers.", [*labels, "finish_reason"], registry=self._registry
        )
        self._tokens = Counter(
            "scrivano_llm_tokens",
            "Tokens of complete answers.",
            [*labels, "direction"],
            registry=self._registry,
        )
        self._cost = Counter(
            "scrivano_llm_cost_dollars", "What complete answers cost.", labels, registry=self._registry
        )
        self._model_seconds = Histogram(
            "scrivano_llm_answer_seconds",
            "Seconds from a model's being asked to its answer's end.",
            labels,
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._first = Histogram(
            "scrivano_llm_first_token_seconds",
            "Seconds from a streamed request's arrival to its answer's first piece.",
            labels,
            buckets=_SECONDS,
            registry=self._registry,
        )

        self._of_visits: dict[tuple[str, int], _OfVisits] = {}
        self._of_answers: dict[tuple[str, str, str], _OfAnswers] = {}

    def visit(self, endpoint: str, status: int, seconds: float) -> None:
        """A request was answered, with this status."""
        found = self._of_visits.get((endpoint, status))
        if found is None:
            found = _OfVisits(self._visits.labels(endpoint, status), self._seconds.labels(endpoint))
            self._of_visits[endpoint, status] = found
        found.count.inc()
        found.seconds.observe(seconds)

    def answer(self, response: Response) -> None:
        """A complete answer was given."""
        names = (response.provider, response.model, response.finish_reason)
        found = self._of_answers.get(names)
        if found is None:
            found = self._of_answers[names] = self._find(*names)
        found.count.inc()
        found.tokens_in.inc(response.usage.prompt_tokens)
        found.tokens_out.inc(response.usage.completion_tokens)
        found.cost.inc(float(response.cost))
        found.seconds.observe(response.seconds)

    def _find(self, provider: str, model: str, reason: str) -> "_OfAnswers":
        names = (provider, model)
        return _OfAnswers(
            self._answers.labels(*names, reason),
            self._tokens.labels(*names, "in"),
            self._tokens.labels(*names, "out"),
            self._cost.labels(*names),
            self._model_seconds.labels(*names),
        )

    def first_piece(self, provider: str, model: str, seconds: float) -> None:
        """A stream's first piece came."""
        self._first.labels(provider, model).observe(seconds)

    async def show(self, visit: Visit) -> None:
        """All of them, in Prometheus's text format."""
        breakers = CollectorRegistry()
        breakers.register(await _breakers(visit.house))
        body = generate_latest(self._registry) + generate_latest(breakers)
        await visit.reply(body, content_type=b"text/plain; version=0.0.4; charset=utf-8")


class _Breakers(Collector):
    def __init__(self, family: GaugeMetricFamily) -> None:
        self._family = family

    def collect(self) -> list[GaugeMetricFamily]:
        return [self._family]


async def _breakers(house: House) -> _Breakers:
    family = GaugeMetricFamily(
        "scrivano_llm_breaker_state",
        "A model's circuit in this process: 0 closed, 1 half open, 2 open.",
        labels=["provider", "model"],
    )
    for model in (await house.llm.registry.snapshot()).models:
        state = house.llm.breakers.state(model.id, model.provider_id)
        family.add_metric([model.provider, model.name], _STATES[state])
    return _Breakers(family)
