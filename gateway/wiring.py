"""Builds the services from top to bottom in plain calls. Clock, randomness and environment enter here."""

import os
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import strawberry
from prometheus_client import Metric
from sqlalchemy import select
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from consent.disclosures.formats import Disclosure
from consent.leaves.number_lookups import NumberLookup
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.vocabulary import KnownBy
from credit.calendar import calendar
from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import civil_date
from credit.cases.publicity import PublicityRule
from credit.cases.status import UnrectifiedPolicy
from credit.incentives import incentive
from credit.incentives.incentive import GrantingRules
from credit.policy_texts import measures, policy_texts
from credit.policy_texts import publicity_rules as rule_files
from gateway.account_links.find_subject import LinkedSubjects
from gateway.account_links.stated_identity import IdentityClaims
from gateway.auth.accounts import account_references
from gateway.auth.bearer_tokens import Authenticator, TokenAuthenticator
from gateway.auth.claims import ClaimNames, ClaimReader
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.auth.dev_provider import METADATA_URL, DevProvider
from gateway.auth.jwks import KeySource, PublishedKeys
from gateway.background_jobs import Job, running
from gateway.database_file import open_database
from gateway.documents.stored_documents import StoredDocuments
from gateway.figures.service import YearFigureService
from gateway.files.endpoints import file_routes
from gateway.files.factory import purge_expired, upload_service
from gateway.files.upload import UploadService
from gateway.http.app import build_app
from gateway.http.client_network import ClientNetworks
from gateway.job_lease import JobLease
from gateway.joint_measures.client import JointMeasuresClient, NotConfigured
from gateway.joint_measures.factory import joint_measures
from gateway.key_file_check import recognise_key_file, require_key_file
from gateway.ledger.audit.alarm import report_contradiction
from gateway.ledger.audit.daily_audit import JOB, DailyAudit
from gateway.ledger.build_sequencer import build_sequencer
from gateway.ledger.endpoints import log_routes
from gateway.ledger.factory import Ledger, ledger
from gateway.ledger.status import read_published
from gateway.ledger.subject_trees.epoch_store import EpochStore
from gateway.ledger.subject_trees.keep_trees import SubjectTreeKeeper, subject_tree_keeper
from gateway.ledger.subject_trees.own_ledger import OwnLedgerService
from gateway.ledger.system_statements import state_start
from gateway.ledger.witness_panel import WITNESS_SECONDS
from gateway.login.factory import build_login
from gateway.notices.endpoints import routes as notice_routes
from gateway.notices.factory import notice_service
from gateway.portal.start_page import FirstStep
from gateway.quotas import rate_limiter
from gateway.rates.factory import request_rates
from gateway.rates.request_rates import LeasedRequestRates
from gateway.receipts.receipt_page import receipt_page_routes
from gateway.receipts.receipt_service import ReceiptService
from gateway.settings.settings import Settings, clock_periods
from gateway.subjects.deletion_reminders import keep_reminding
from gateway.subjects.erase import SubjectEraser
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from gateway.telemetry.collector import open_telemetry
from gateway.telemetry.damage_alarm import DamageAlarm
from gateway.telemetry.guard_refusals import GuardRefusalCounts
from gateway.telemetry.logging import report_disagreement, report_failure
from gateway.telemetry.lookup_alarms import LookupAlarms
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.queue_metrics import read_queue_metrics
from gateway.telemetry.subscription_metrics import SubscriptionMetrics
from gateway.telemetry.unknown_documents import UnknownDocuments
from gateway.uuid7 import time_ordered
from gateway.working_days import Alarm, keep_up
from policy.actors import Role
from policy.crypto.keyring import Keyring
from policy.decisions import Decisions, load
from schema.build import build
from schema.core.fields import core, refusal_fields
from schema.core.ports import NumberLookups, Runtime
from schema.execution.number_lookups import RecordedLookups
from schema.execution.preparation.budget import PreparationBudget
from schema.execution.preparation.document_gate import DocumentStep
from schema.execution.read_executor import ReadExecutor
from schema.execution.service import GraphQLService
from schema.execution.subscriptions.service import SubscriptionService
from schema.federation.roots import Federation
from storage import tables
from storage.access_log import partitions
from storage.access_log.authorisation_uses import Use
from storage.access_log.recorder import GroupCommitRecorder
from storage.access_log.subject_index import keep_indexed
from storage.access_log.write_check import WriteCheck
from storage.database.database import Database
from storage.database.limits import DatabaseLimits
from storage.database.session import Session
from storage.ledger.find_entries import find_entry
from storage.ledger.on_the_spot import LedgerComparer
from storage.queries.query_runner import SqlQueryRunner
from storage.repositories.deadlines.due_days import keep_counted

if TYPE_CHECKING:
    from gateway.telemetry.otlp import OtlpTelemetry

Clock = Callable[[], datetime]
PAUSE_SECONDS = 0.05
"""Between the steps of what is prepared ahead of requests, so that it delays none."""


def utc_now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


def runtime(now: Clock = utc_now) -> Runtime:
    """Return clock, ids and randomness. Ids are random (version 4): they show neither order nor time."""
    return Runtime(
        now=now,
        today=civil_date,
        random=os.urandom,
        new_id=uuid.uuid4,
        new_entry_id=lambda at: time_ordered(at, os.urandom),
    )


@dataclass(slots=True)
class Services:
    """All services of one process. `close` loses nothing that was acknowledged."""

    settings: Settings
    runtime: Runtime
    database: Database
    keyring: Keyring
    query_runner: SqlQueryRunner
    recorder: GroupCommitRecorder
    schema: strawberry.Schema
    graphql_service: GraphQLService
    joint: JointMeasuresClient | NotConfigured
    lookup_alarms: LookupAlarms
    uploads: UploadService
    damage: DamageAlarm
    ledger: Ledger
    refusals: GuardRefusalCounts
    rates: LeasedRequestRates | None
    telemetry: "OtlpTelemetry | None"
    subscriptions: SubscriptionService

    @property
    def policy(self) -> Decisions:
        """Return the policy in force; a reload replaces it."""
        return self.graphql_service.policy

    @property
    def lookups(self) -> NumberLookups:
        """Return what counts and records lookups by number [5.1.6]."""
        return self.graphql_service.read_executor.lookups

    async def close(self) -> None:
        """Finish pending records, then close the ledger's store, the counts, the database and the joint module."""
        await self.joint.close()
        await self.recorder.close()
        await self.ledger.store.close()
        if self.rates is not None:
            await self.rates.close()
        await self.database.close()
        if self.telemetry is not None:
            await self.telemetry.close()


def build_services(
    settings: Settings, now: Clock = utc_now, *, limits: DatabaseLimits | None = None, always_execute: bool = False
) -> Services:
    """Return every service, wired; without *limits*, the database has those of a process that serves requests.

    Raises what stops a start: SettingRefused, KeyFileRefused, PolicyRefused.
    """
    clock_and_ids = runtime(now)
    damage = DamageAlarm()
    keyring = Keyring.load(settings.kek_file, os.urandom, damage)
    schema, joint = build(federation(settings)), joint_measures(settings)
    policy = load_policy(settings, schema)
    limits = limits or serving_limits(settings)
    database = open_database(settings, limits, keyring.pending_tag)
    unrectified = UnrectifiedPolicy(settings.unrectified)
    query_runner = SqlQueryRunner(database, unrectified)
    counted = clock_periods(settings).applied_to(calendar.shipped())

    async def is_granted(session: Session, use: Use) -> bool:
        return await LedgerComparer(session, database.tag, report_contradiction).is_granted(*use)

    logs = ledger(settings, keyring)
    recorder = GroupCommitRecorder(
        database, clock_and_ids.new_id, lambda entries: logs.promised(entries, clock_and_ids.now()), is_granted
    )
    limiter = rate_limiter(settings, database, now)
    recording = _Recording(recorder, clock_and_ids)
    graphql_service = GraphQLService(
        schema=schema,
        policy=policy,
        templates=database.templates,
        delegation_longest_days=settings.delegation_longest_days,
        notice_required=settings.notice_required,
        policy_texts=policy_texts.shipped(),
        measures=measures.shipped(settings.measures_file),
        query_runner=query_runner,
        keyring=keyring,
        read_executor=ReadExecutor(
            query_runner,
            keyring,
            recording,
            clock_and_ids,
            unrectified,
            counted,
            RecordedLookups(limiter, recording, keyring, clock_and_ids),
            settings.registration_days,
            settings.limits.seconds,
        ),
        runtime=clock_and_ids,
        begin=partial(SealingUnitOfWork, database, keyring, report=report_contradiction),
        publicity=publicity_rules(settings),
        figures=figure_service(settings, database, keyring, unrectified),
        own_ledgers=OwnLedgerService(database, keyring, EpochStore(logs.store)),
        receipts=ReceiptService(database, logs, settings.ledger_origin, clock_and_ids),
        granting=GrantingRules(incentive.shipped(settings.incentives_file), settings.check_valid_days),
        joint_measures=joint,
        notices=notice_service(settings, database, keyring, limiter),
        failed=report_failure,
        budget=PreparationBudget(
            settings.document_milliseconds / 1000,
            settings.document_milliseconds_per_client / 1000,
            time.monotonic,
            time.thread_time,
        ),
        cache_bytes=settings.document_cache_bytes,
        trusted_documents=DocumentStep(settings.trusted_documents),
        explains_to=explaining_roles(settings),
        limits=settings.limits,
        longest_delay_days=settings.entry_delay_longest_days,
        introspection=is_introspected(settings),
        always_execute=always_execute,
    )
    refusals = GuardRefusalCounts(database, keyring.tag, clock_and_ids)
    graphql_service.note_refusal, graphql_service.note_unknown = refusals.note, UnknownDocuments().note
    alarms = LookupAlarms(settings, database, limiter, now)
    uploads = upload_service(settings, database, keyring, clock_and_ids)
    return Services(
        settings,
        clock_and_ids,
        database,
        keyring,
        query_runner,
        recorder,
        schema,
        graphql_service,
        joint,
        alarms,
        uploads,
        damage,
        logs,
        refusals,
        request_rates(settings, database, keyring, now),
        open_telemetry(settings),
        SubscriptionService(graphql_service, settings.subscriptions),
    )


def federation(settings: Settings) -> Federation:
    """Return which roots of federation the schema has: who may not introspect it is not shown it by `_service`."""
    if not settings.federation:
        return Federation.OFF
    return Federation.OPEN if is_introspected(settings) else Federation.CLOSED


def is_introspected(settings: Settings) -> bool:
    """Return whether the schema is shown: never where only loaded documents are answered."""
    return settings.introspection and settings.trusted_documents != "require"


def explaining_roles(settings: Settings) -> frozenset[Role]:
    """Return the roles that may have any document explained: where only loaded ones are answered, few."""
    if settings.trusted_documents == "require":
        return frozenset({Role.AUDITOR, Role.ADMIN})
    return frozenset(Role) if settings.is_demo else frozenset(Role) - {Role.ANONYMOUS}


def serving_limits(settings: Settings) -> DatabaseLimits:
    """Return how long the database may take for a request."""
    return DatabaseLimits(settings.database_connections, settings.statement_seconds)


def publicity_rules(settings: Settings) -> tuple[PublicityRule, ...]:
    """Return the rules of publicity: those that come with this release, or a file. Raises DataFileRefused."""
    name = settings.publicity
    return rule_files.shipped(name) if name in rule_files.SHIPPED else rule_files.load(Path(name))


def load_policy(settings: Settings, schema: strawberry.Schema) -> Decisions:
    """Return the policy of the tables as their files are now. Raises PolicyRefused."""
    return load(settings.policy_dir, refusal_fields(core(schema)), report_disagreement)


def figure_service(
    settings: Settings, database: Database, keyring: Keyring, unrectified: UnrectifiedPolicy
) -> YearFigureService:
    """Return the service that counts a year's figures [6.1]."""
    return YearFigureService(database, keyring, unrectified, list(incentive.shipped().values()), settings.suppression_k)


@dataclass(slots=True)
class _Recording:
    """The access-log recorder with today's date: a use counts only while its authorisation is live."""

    recorder: GroupCommitRecorder
    runtime: Runtime

    def record(
        self,
        disclosures: Sequence[Disclosure],
        uses: Sequence[tuple[UUID, UUID]] = (),
        lookups: Sequence[NumberLookup] = (),
    ) -> Awaitable[PromisedEntries | None]:
        if not uses:
            return self.recorder.record(disclosures, (), lookups)
        return self.recorder.record(disclosures, uses, lookups, today=self.runtime.today(self.runtime.now()))

    def promised(self, entries: Sequence[bytes]) -> PromisedEntries | None:
        return self.recorder.promised(entries)


def subject_eraser(services: Services) -> SubjectEraser:
    """Return what erases subjects [PIPL 47]."""
    unrectified = UnrectifiedPolicy(services.settings.unrectified)
    return SubjectEraser(services.database, services.keyring, services.runtime, unrectified)


def subject_trees(services: Services) -> SubjectTreeKeeper:
    """Return what keeps the trees of all subjects and makes epochs of them."""
    every = timedelta(seconds=services.settings.ledger_epoch_seconds)
    return subject_tree_keeper(
        services.database,
        services.ledger.store,
        services.keyring,
        services.runtime,
        subject_eraser(services),
        every=every,
    )


def token_authenticator(services: Services, keys: KeySource) -> TokenAuthenticator:
    """Return what verifies tokens: the same for requests and for the command line."""
    settings = services.settings
    links_subjects = IdentityClaims.chosen(settings) is not None
    return TokenAuthenticator(
        keys=keys,
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        skew_seconds=settings.clock_skew_seconds,
        now=services.runtime.now,
        subject_of=LinkedSubjects(services.database, services.keyring, settings.oidc_issuer)
        if links_subjects
        else None,
        claims=ClaimReader(
            ClaimNames.chosen(settings),
            account_references(settings, services.keyring),
            KnownBy.DEMO_TOKEN if settings.is_demo else KnownBy.TOKEN,
        ),
        longest=settings.token_limit,
    )


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
            **({"sequencer": lambda: sequence(services)} if settings.ledger_sequencer else {}),
            **({"subject-trees": subject_trees(services).keep_running} if settings.ledger_sequencer else {}),
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
        if settings.ledger_audit_hours:
            jobs["ledger-audit"] = daily_audit(services).keep_running
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
                services.graphql_service,
                identity,
                services.graphql_service.notices,
                services.runtime,
                ClientNetworks(settings.trusted_proxies),
            ),
            *file_routes(services.graphql_service, identity, services.uploads),
            *log_routes(
                services.ledger.reader, partial(find_entry, services.database), services.ledger.policy.encode()
            ),
            *receipt_page_routes(services.ledger.policy.encode()),
            *(() if login is None else login.routes),
            *(provider.routes() if login is not None and provider is not None else ()),
            *(more_routes(services, identity) if more_routes else ()),
        ],
        lifespan=lifespan,
        now=services.runtime.now,
        rates=services.rates,
        subscriptions=services.subscriptions,
        tracing=services.telemetry,
        metrics=metrics,
        watch=watch,
    )


def _exporting(services: Services, read_metrics: Callable[[], Awaitable[Iterable[Metric]]]) -> dict[str, Job]:
    if services.telemetry is None:
        return {}
    return {"otlp-metrics": partial(services.telemetry.keep_exporting, read_metrics)}


async def prepare_ahead(services: Services) -> None:
    """Prepare what the first requests would otherwise wait for: the answers of the policy, and the widest SQL."""
    await services.policy.prepare_admitted(PAUSE_SECONDS)
    await services.query_runner.prepare_fragments(PAUSE_SECONDS)


async def sequence(services: Services) -> None:
    """Integrate and publish the entries of the ledger until cancelled, whenever no other process does."""
    logs, clock_and_ids = services.ledger, services.runtime
    async with httpx.AsyncClient(timeout=WITNESS_SECONDS) as client:
        sequencer = build_sequencer(
            services.database,
            logs.store,
            logs.signers,
            logs.policy,
            client,
            new_id=clock_and_ids.new_id,
            now=clock_and_ids.now,
        )
        await sequencer.keep_running()


@asynccontextmanager
async def _nothing(_: Services) -> AsyncIterator[None]:
    yield


def daily_audit(services: Services) -> DailyAudit:
    """Return the audit that runs beside the requests, in one process."""
    database, runtime = services.database, services.runtime
    every = timedelta(hours=services.settings.ledger_audit_hours)
    return DailyAudit(database, services.keyring, JobLease(database, JOB, runtime.new_id()), every, runtime.now)


def today_of(services: Services) -> date:
    """Return today's date in Asia/Shanghai."""
    return services.runtime.today(services.runtime.now())
