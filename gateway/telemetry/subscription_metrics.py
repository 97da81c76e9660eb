"""The figures of subscriptions: how many run, what they were sent, and why they ended; nothing of what it was about."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class SubscriptionFigures(Protocol):
    """The subscriptions of a process."""

    @property
    def events(self) -> Mapping[str, int]: ...

    @property
    def ended(self) -> Mapping[str, int]: ...

    @property
    def running(self) -> int: ...


class SubscriptionMetrics(Collector):
    """Shows the figures as they are when somebody looks. All labels are of closed lists: root fields and codes."""

    def __init__(self, figures: SubscriptionFigures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        running = GaugeMetricFamily("chengxin_subscriptions", "Subscriptions that run.", self._figures.running)
        events = CounterMetricFamily("chengxin_subscription_events", "Events sent, by field.", labels=("field",))
        for root, count in self._figures.events.items():
            events.add_metric((root,), count)
        ended = CounterMetricFamily(
            "chengxin_subscriptions_ended", "Subscriptions that ended by themselves, by code.", labels=("code",)
        )
        for code, count in self._figures.ended.items():
            ended.add_metric((code,), count)
        return running, events, ended
