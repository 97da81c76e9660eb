"""Builds the house from top to bottom in plain calls. Clock, chance and environment enter here and are passed on."""

import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import httpx
import strawberry
from sqlalchemy import select
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from consent.log_entries import AccessEntry
from consent.templates import Template, catalogue
from consent.vocabulary import Purpose
from credit.calendar import calendar
from credit.calendar.calendar import Calendar
from credit.calendar.deadlines import civil_date
from credit.cases.status import Unrectified
from credit.incentives import incentive as incentives
from credit.incentives.actions import GrantingRules
from credit.policy_texts import measures, policy_texts
from gateway.auth.bearer_tokens import Identity
from gateway.auth.dev_issuer import DevIssuer, Example
from gateway.auth.jwks import KeySource, PublishedKeys
from gateway.background_jobs import running
from gateway.figures.service import FigureDesk
from gateway.http.app import build_app
from gateway.joint_measures.client import JointMeasures, NotConfigured
from gateway.joint_measures.factory import joint_measures
from gateway.notices.endpoints import routes as notice_routes
from gateway.notices.factory import notice_office
from gateway.settings.settings import Settings, connection_url
from gateway.subjects.register import Registrar
from gateway.subjects.sealing_unit_of_work import SealingWork
from gateway.telemetry.logging import tell_failure
from gateway.telemetry.queue_metrics import watch_of
from gateway.uuid7 import time_ordered
from gateway.working_days import Alarm, keep_up
from policy.crypto.keyring import Keyring
from policy.decision_table import Table, load
from schema.build import build
from schema.core.ports import CommittingWork, Street
from schema.execution.read_executor import Reading
from schema.execution.service import Road
from storage import tables
from storage.access_log.recorder import Recorder
from storage.database.database import Database
from storage.queries.query_runner import SqlArchive

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)


def street(now: Clock = utc_now) -> Street:
    """Return clock and chance. Ids are random (version 4): they tell neither order nor time of a registration."""
    return Street(
        now=now,
        today=civil_date,
        random=os.urandom,
        new_id=uuid.uuid4,
        new_entry_id=lambda at: time_ordered(at, os.urandom),
    )


@dataclass(slots=True)
class Parts:
    """The house, built. `close` lets nothing that was acknowledged get lost."""

    settings: Settings
    street: Street
    database: Database
    keyring: Keyring
    table: Table
    templates: Mapping[Purpose, Template]
    archive: SqlArchive
    recorder: Recorder
    schema: strawberry.Schema
    road: Road
    joint: JointMeasures | NotConfigured

    async def close(self) -> None:
        """Finish what is being recorded, then let go of the database and of the joint module."""
        await self.joint.close()
        await self.recorder.close()
        await self.database.close()


def build_house(settings: Settings, now: Clock = utc_now, *, always_execute: bool = False) -> Parts:
    """Return every part, wired. Raises what stops a start: SettingRefused, KeyFileRefused, PolicyRefused."""
    outside = street(now)
    keyring = Keyring.load(settings.kek_file, os.urandom)
    table = load(settings.policy_dir)
    database = Database.open(connection_url(settings))
    unrectified = Unrectified(settings.unrectified)
    archive = SqlArchive(database, unrectified)
    recorder = Recorder(database)
    templates = catalogue(settings.authorisation_longest_days)
    schema, joint = build(), joint_measures(settings)
    road = Road(
        schema=schema,
        table=table,
        templates=templates,
        policy_texts=policy_texts.shipped(),
        measures=measures.with_own(settings.measures_file),
        archive=archive,
        keyring=keyring,
        reading=Reading(archive, keyring, _Recording(recorder, outside), outside, unrectified, calendar.shipped()),
        street=outside,
        begin=lambda: cast("AbstractAsyncContextManager[CommittingWork]", SealingWork(database, keyring)),
        register=Registrar(database, keyring),
        figures=figure_desk(settings, database, keyring, unrectified),
        granting=GrantingRules(incentives.with_own(settings.incentives_file), settings.check_valid_days, unrectified),
        joint_measures=joint,
        notices=notice_office(settings, database, keyring),
        failed=tell_failure,
        limits=settings.limits,
        introspection=settings.introspection,
        always_execute=always_execute,
    )
    return Parts(settings, outside, database, keyring, table, templates, archive, recorder, schema, road, joint)


def figure_desk(settings: Settings, database: Database, keyring: Keyring, unrectified: Unrectified) -> FigureDesk:
    """Return who counts a year's figures [6.1]."""
    return FigureDesk(database, keyring, unrectified, list(incentives.shipped().values()), settings.suppression_k)


@dataclass(slots=True)
class _Recording:
    """The archive's recorder, with today at hand: a use counts only while its authorisation is live."""

    recorder: Recorder
    street: Street

    async def record(self, entries: Sequence[AccessEntry], uses: Sequence[tuple[UUID, UUID]]) -> None:
        await self.recorder.record(entries, uses, today=self.street.today(self.street.now()))


Doors = Callable[[Parts, Identity], Sequence[BaseRoute]]
"""What else may be called over HTTP, besides the questions at the counter."""
Working = Callable[[Parts], AbstractAsyncContextManager[None]]
"""What goes on beside the answering of questions as long as the house is open."""


def build_application(
    parts: Parts,
    dev_issuer: DevIssuer | None,
    public: Sequence[Example] = (),
    *,
    working: Working | None = None,
    doors: Doors | None = None,
) -> ASGIApp:
    """Return the ASGI app over *parts*; its shutdown closes them."""
    settings = parts.settings
    client = None if dev_issuer else httpx.AsyncClient(timeout=5.0)
    keys: KeySource
    if client is None:
        keys = cast("DevIssuer", dev_issuer).keys
    else:
        keys = PublishedKeys(str(settings.oidc_jwks_url), client, time.monotonic)
    identity = Identity(
        keys=keys,
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        skew_seconds=settings.clock_skew_seconds,
        now=parts.street.now,
    )

    async def database_answers() -> object:
        async with parts.database.reading() as session:
            return await session.fetch(select(tables.sectors.c.code).limit(1))

    alarm = Alarm()

    def adopt(calendar: Calendar) -> None:
        parts.road.count_by(calendar)
        alarm(calendar, today_of(parts))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Starlette passes its router
        jobs = {"calendar": lambda: keep_up(parts.database, adopt)}
        async with running(jobs), (working or _nothing)(parts):
            yield
        await parts.close()
        if client is not None:
            await client.aclose()

    return build_app(
        settings,
        parts.road,
        identity,
        checks={
            "database": database_answers,
            **({} if client is None else {"keys": cast("PublishedKeys", keys).ready}),
        },
        dev_issuer=dev_issuer,
        examples=public,
        more_routes=[
            *notice_routes(parts.road, identity, parts.road.notices, parts.street),
            *(doors(parts, identity) if doors else ()),
        ],
        lifespan=lifespan,
        watch=watch_of(parts.database, parts.street.now, lambda: parts.joint.circuit),
    )


@asynccontextmanager
async def _nothing(_: Parts) -> AsyncIterator[None]:
    yield


def today_of(parts: Parts) -> date:
    """Return the day in Asia/Shanghai."""
    return parts.street.today(parts.street.now())
