"""The ASGI application over the services of a process: its routes, and the jobs that run while it serves."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

import httpx
from prometheus_client import Metric
from sqlalchemy import select
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from credit.calendar.calendar import Calendar
from gateway.auth.bearer_tokens import Authenticator
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.auth.dev_provider import METADATA_URL, DevProvider
from gateway.auth.jwks import KeySource, PublishedKeys
from gateway.documents.stored_documents import StoredDocuments
from gateway.files.endpoints import file_routes
from gateway.files.factory import purge_expired
from gateway.http.app import build_app
from gateway.http.client_network import ClientNetworks
from gateway.jobs.background_jobs import Job, running
from gateway.key_file_check import recognise_key_file, require_key_file
from gateway.ledger.endpoints import log_routes
from gateway.ledger.jobs import ledger_jobs
from gateway.ledger.status import read_published
from gateway.ledger.system_statements import state_start
from gateway.login.factory import Login, build_login
from gateway.notices.endpoints import routes as notice_routes
from gateway.portal.factory import portal_routes
from gateway.portal.start_page import FirstStep
from gateway.rates.route_rates import RouteRates
from gateway.receipts.receipt_page import receipt_page_routes
from gateway.services import Services, today_of, token_authenticator
from gateway.subjects.deletion_reminders import keep_reminding
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import read_queue_metrics
from gateway.telemetry.subscription_metrics import SubscriptionMetrics
from gateway.working_days import Alarm, keep_up
from storage import tables
from storage.access_log import partitions
from storage.access_log.subject_index import keep_indexed
from storage.access_log.write_check import WriteCheck
from storage.ledger.find_entries import find_entry
from storage.repositories.deadlines.due_days import keep_counted

PAUSE_SECONDS = 0.05
"""Between the steps of what is prepared ahead of requests, so that it delays none."""
MoreRoutes = Callable[[Services, Authenticator], Sequence[BaseRoute]]
"""Makes the HTTP routes besides GraphQL, notices and developer pages."""
BackgroundWork = Callable[[Services], AbstractAsyncContextManager[None]]
"""Runs beside the requests while the gateway serves."""


def build_application(
    services: Services,
    dev_issuer: DevIssuer | None,
    public: Sequence[Example] = (),
    *,
    first_steps: Sequence[FirstStep] = (),
    background_work: BackgroundWork | None = None,
    more_routes: MoreRoutes | None = None,
) -> ASGIApp:
    """Return the ASGI app over *services*; its shutdown closes them."""
    settings = services.settings
    provider = None if dev_issuer is None else DevProvider(settings, dev_issuer, services.runtime.now)
    client = httpx.AsyncClient(timeout=5.0) if provider is None else provider.client()
    keys: KeySource
    if dev_issuer is not None:
        keys = dev_issuer.keys
    else:
        keys = PublishedKeys(str(settings.oidc_jwks_url), client, time.monotonic)
    tokens = token_authenticator(services, keys)
    networks = ClientNetworks(settings.trusted_proxies)
    rates = RouteRates(services.rates, networks, services.runtime.now)
    login = None
    if settings.login:
        login = build_login(
            settings,
            services.database,
            services.keyring,
            services.runtime,
            tokens,
            keys,
            client,
            rates=rates,
            metadata_url=None if provider is None else METADATA_URL,
        )
    identity: Authenticator = tokens if login is None else login.authenticator

    async def database_answers() -> object:
        return await services.database.fetch(select(tables.sectors.c.code).limit(1))

    write_check = WriteCheck(services.database, int.from_bytes(services.runtime.random(2)))

    async def can_write() -> None:
        write_check.require_recent()

    alarm, metrics = Alarm(), Metrics()
    metrics.registry.register(SubscriptionMetrics(services.subscriptions))
    watch = read_queue_metrics(
        services.database,
        services.runtime.now,
        lambda: services.joint.circuit,
        services.lookup_alarms.read,
        lambda: services.damage.counts,
        partial(read_published, services.ledger.store, services.ledger.policy),
    )

    def adopt(calendar: Calendar) -> None:
        services.graphql_service.count_by(calendar)
        alarm(calendar, today_of(services))

    documents = StoredDocuments(services.database, services.graphql_service.gate.adopt)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Starlette passes its router
        await require_key_file(services.database, services.keyring, services.runtime.now())
        policy_version = services.graphql_service.policy.version
        await state_start(services.database, settings, services.keyring, policy_version, services.runtime.now())
        if settings.trusted_documents != "off":
            await documents.renew()  # none is refused that was loaded before
        await keep_counted(services.database)  # no worklist is shown before its due days are counted
        jobs = {
            "guard-refusals": services.refusals.keep_writing,
            "calendar": lambda: keep_up(services.database, adopt),
            "lookup-alarms": services.lookup_alarms.keep_looking,
            "deletion-reminders": lambda: keep_reminding(services.database, services.runtime),
            "prepare": lambda: prepare_ahead(services),
            "uploads": lambda: purge_expired(services.uploads),
            **(
                ledger_jobs(services) if settings.ledger_sequencer == "within" else {}
            ),  # else another process does them
            **({"documents": documents.keep_up} if settings.trusted_documents != "off" else {}),
            **_exporting(services, partial(metrics.read, watch)),
            "write-check": write_check.keep_checking,
            "signals": services.database.signal_exchange(services.subscriptions.hub.publish).keep_running,
            **({} if login is None else {"logins": login.keep_sweeping}),
        }
        if services.database.dialect.name == "postgresql":
            jobs["access-record"] = lambda: partitions.keep_up(services.database, services.runtime.now)
        else:
            jobs["access-record"] = lambda: keep_indexed(services.database)
            jobs["statistics"] = services.database.keep_statistics
        async with running(jobs), (background_work or _nothing)(services):
            yield
            services.subscriptions.close()
        await services.refusals.write()
        await services.close()
        await client.aclose()

    return build_app(
        settings,
        services.graphql_service,
        identity,
        checks={
            "database": database_answers,
            "key-file": lambda: recognise_key_file(services.database, services.keyring),
            "recorder": can_write,
            **({"keys": keys.ready} if isinstance(keys, PublishedKeys) else {}),
        },
        dev_issuer=dev_issuer,
        examples=public,
        first_steps=first_steps,
        more_routes=[
            *notice_routes(
                services.graphql_service, identity, services.graphql_service.notices, services.runtime, networks
            ),
            *file_routes(services.graphql_service, identity, services.uploads),
            *log_routes(
                services.ledger.reader, partial(find_entry, services.database), services.ledger.policy.encode(), rates
            ),
            *receipt_page_routes(services.ledger.policy.encode()),
            *(() if login is None else login.routes),
            *(_portal_routes(services, login, has_start_page=dev_issuer is not None) if settings.portal else ()),
            *(provider.routes() if login is not None and provider is not None else ()),
            *(more_routes(services, identity) if more_routes else ()),
        ],
        lifespan=lifespan,
        now=services.runtime.now,
        rates=services.rates,
        subscriptions=services.subscriptions,
        counted=None if login is None else login.authenticator.counted,
        tracing=services.telemetry,
        metrics=metrics,
        watch=watch,
    )


def _portal_routes(services: Services, login: Login | None, *, has_start_page: bool) -> Sequence[BaseRoute]:
    today = partial(today_of, services)
    return portal_routes(services.graphql_service, login, today, is_first_page=not has_start_page)


def _exporting(services: Services, read_metrics: Callable[[], Awaitable[Iterable[Metric]]]) -> dict[str, Job]:
    if services.telemetry is None:
        return {}
    return {"otlp-metrics": partial(services.telemetry.keep_exporting, read_metrics)}


async def prepare_ahead(services: Services) -> None:
    """Prepare what the first requests would otherwise wait for: the answers of the policy, and the widest SQL."""
    await services.policy.prepare_admitted(PAUSE_SECONDS)
    await services.query_runner.prepare_fragments(PAUSE_SECONDS)


@asynccontextmanager
async def _nothing(_: Services) -> AsyncIterator[None]:
    yield
