"""Builds all services of a process from top to bottom in plain calls. Clock, randomness and environment enter here."""

import os
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry

from consent.disclosures.formats import Disclosure
from consent.leaves.number_lookups import NumberLookup
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.vocabulary import KnownBy
from credit.calendar import calendar
from credit.cases.publicity import PublicityRule
from credit.cases.status import UnrectifiedPolicy
from credit.incentives import incentive
from credit.incentives.incentive import GrantingRules
from credit.policy_texts import measures, policy_texts
from credit.policy_texts import publicity_rules as rule_files
from gateway.account_links.find_subject import LinkedSubjects
from gateway.account_links.stated_identity import IdentityClaims
from gateway.auth.accounts import account_references
from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.claims import ClaimNames, ClaimReader
from gateway.auth.jwks import KeySource
from gateway.database_file import open_database
from gateway.figures.service import YearFigureService
from gateway.files.factory import upload_service
from gateway.files.upload import UploadService
from gateway.joint_measures.client import JointMeasuresClient, NotConfigured
from gateway.joint_measures.factory import joint_measures
from gateway.ledger.audit.alarm import report_contradiction
from gateway.ledger.factory import Ledger, ledger
from gateway.ledger.subject_trees.epoch_store import EpochStore
from gateway.ledger.subject_trees.own_ledger import OwnLedgerService
from gateway.notices.factory import notice_service
from gateway.quotas import rate_limiter
from gateway.rates.factory import request_rates
from gateway.rates.request_rates import LeasedRequestRates
from gateway.receipts.receipt_service import ReceiptService
from gateway.runtime import Clock, runtime, utc_now
from gateway.settings.settings import Settings, clock_periods
from gateway.subjects.erase import SubjectEraser
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from gateway.telemetry.collector import open_telemetry
from gateway.telemetry.damage_alarm import DamageAlarm
from gateway.telemetry.guard_refusals import GuardRefusalCounts
from gateway.telemetry.logging import report_disagreement, report_failure
from gateway.telemetry.lookup_alarms import LookupAlarms
from gateway.telemetry.unknown_documents import UnknownDocuments
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
from storage.access_log.authorisation_uses import Use
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.database.limits import DatabaseLimits
from storage.database.session import Session
from storage.ledger.on_the_spot import LedgerComparer
from storage.queries.query_runner import SqlQueryRunner
from storage.step_records import SqlStepRecordStore

if TYPE_CHECKING:
    from gateway.telemetry.otlp import OtlpTelemetry


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
        database, clock_and_ids.new_id, lambda entries: logs.promised(entries, clock_and_ids.now()), granted=is_granted
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
            step_records=SqlStepRecordStore(database),
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


def today_of(services: Services) -> date:
    """Return today's date in Asia/Shanghai."""
    return services.runtime.today(services.runtime.now())
