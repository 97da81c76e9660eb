"""Strawberry as its manual has it, unprotected: for each request one session and one set of dataloaders.

python -m uvicorn bench.contenders.stock:app        the database by BENCH_URL
"""

import os
import uuid
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader


class Base(DeclarativeBase):
    pass


class AreaRow(Base):
    __tablename__ = "plain_areas"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class DepartmentRow(Base):
    __tablename__ = "plain_departments"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class SubjectRow(Base):
    __tablename__ = "plain_subjects"
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    identifier: Mapped[str]
    area_code: Mapped[str] = mapped_column(ForeignKey("plain_areas.code"))


class CaseRow(Base):
    __tablename__ = "plain_cases"
    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("plain_subjects.subject_id"))
    department_code: Mapped[str] = mapped_column(ForeignKey("plain_departments.code"))
    sector_code: Mapped[str]
    circumstance: Mapped[str]
    facts: Mapped[str]
    published_on: Mapped[date]
    ends_on: Mapped[date]


@strawberry.type
class Area:
    name: str


@strawberry.type
class Department:
    name: str


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Subject:
    id: strawberry.ID
    name: str
    identifier: str
    area_code: strawberry.Private[str]

    @strawberry.field
    async def area(self, info: strawberry.Info) -> Area:
        return await info.context["areas"].load(self.area_code)

    @strawberry.field
    async def restraint_cases(
        self, info: strawberry.Info, first: int = 20
    ) -> Annotated["Cases", strawberry.lazy("bench.contenders.stock")]:
        return await _cases(info, first, CaseRow.subject_id == uuid.UUID(self.id))


@strawberry.type
class Case:
    id: strawberry.ID
    circumstance: str
    published_on: date
    ends_on: date
    facts: str
    subject_key: strawberry.Private[uuid.UUID]
    department_key: strawberry.Private[str]

    @strawberry.field
    async def department(self, info: strawberry.Info) -> Department:
        return await info.context["departments"].load(self.department_key)

    @strawberry.field
    async def subject(self, info: strawberry.Info) -> Subject:
        return await info.context["subjects"].load(self.subject_key)


@strawberry.type
class Cases:
    page_info: PageInfo
    nodes: list[Case]


async def _cases(info: strawberry.Info, first: int, condition: Any) -> Cases:
    today = date.today()
    query = (
        select(CaseRow)
        .where(condition, CaseRow.published_on <= today, CaseRow.ends_on >= today)
        .order_by(CaseRow.published_on.desc(), CaseRow.case_id)
        .limit(first + 1)
    )
    rows = await info.context["rows"](query)
    nodes = [
        Case(
            id=strawberry.ID(str(row.case_id)),
            circumstance=row.circumstance,
            published_on=row.published_on,
            ends_on=row.ends_on,
            facts=row.facts,
            subject_key=row.subject_id,
            department_key=row.department_code,
        )
        for row in rows[:first]
    ]
    return Cases(page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=nodes[-1].id), nodes=nodes)


@strawberry.type
class Query:
    @strawberry.field
    async def focused_check_targets(self, info: strawberry.Info, first: int = 20) -> Cases:
        return await _cases(info, first, CaseRow.sector_code == "market")

    @strawberry.field
    async def subject(self, info: strawberry.Info, id: strawberry.ID) -> Subject | None:
        return await info.context["subjects"].load(uuid.UUID(id))


def stock(url: str) -> Any:
    """Return Strawberry's own ASGI app with one session and one set of dataloaders for each request."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"check_same_thread": False})

        @asynccontextmanager
        async def session() -> Any:
            with Session(engine) as one:
                yield lambda query: _ready(one.scalars(query).all())
    else:
        sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(
            create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"), pool_size=16)
        )

        @asynccontextmanager
        async def session() -> Any:
            async with sessions() as one:

                async def rows(query: Any) -> Any:
                    return (await one.scalars(query)).all()

                yield rows

    class App(GraphQL):
        async def get_context(self, request: Any, response: Any) -> Any:
            async def rows(query: Any) -> Any:
                async with session() as run:
                    return await run(query)

            def loader(kind: Any, key: Any, shape: Any) -> DataLoader:
                async def load(keys: list[Any]) -> list[Any]:
                    found = {getattr(row, key.key): row for row in await rows(select(kind).where(key.in_(keys)))}
                    return [shape(found[one]) for one in keys]

                return DataLoader(load_fn=load)

            return {
                "rows": rows,
                "areas": loader(AreaRow, AreaRow.code, lambda row: Area(name=row.name)),
                "departments": loader(DepartmentRow, DepartmentRow.code, lambda row: Department(name=row.name)),
                "subjects": loader(
                    SubjectRow,
                    SubjectRow.subject_id,
                    lambda row: Subject(
                        id=strawberry.ID(str(row.subject_id)),
                        name=row.name,
                        identifier=row.identifier,
                        area_code=row.area_code,
                    ),
                ),
            }

    return App(strawberry.Schema(query=Query))


async def _ready(value: Any) -> Any:
    return value


app = stock(os.environ.get("BENCH_URL", "sqlite:///nothing"))
