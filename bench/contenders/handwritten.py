"""The hand-written contender: one raw query for each question, rows to JSON, no GraphQL and no protection at all.

python -m uvicorn bench.contenders.handwritten:app        the database by BENCH_URL
"""

import os
import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import orjson

PAGE = """
SELECT c.case_id, c.circumstance, c.published_on, c.ends_on, c.facts, d.name, s.subject_id, s.name, s.identifier, a.name
FROM plain_cases c JOIN plain_departments d ON d.code = c.department_code
JOIN plain_subjects s ON s.subject_id = c.subject_id JOIN plain_areas a ON a.code = s.area_code
WHERE c.sector_code = 'market' AND c.published_on <= CURRENT_DATE AND c.ends_on >= CURRENT_DATE
ORDER BY c.published_on DESC, c.case_id LIMIT 21
"""
SUBJECT = """
SELECT c.case_id, c.circumstance, c.published_on, c.ends_on, c.facts, s.subject_id, s.name, s.identifier
FROM plain_subjects s JOIN plain_cases c ON c.subject_id = s.subject_id
WHERE s.subject_id = {} AND c.published_on <= CURRENT_DATE AND c.ends_on >= CURRENT_DATE
ORDER BY c.published_on DESC, c.case_id LIMIT 5
"""
HEADERS = [(b"content-type", b"application/json")]
Fetch = Callable[..., Awaitable[Sequence[Any]]]


class Handwritten:
    """The whole server. It asks its database from its first request on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._fetch: Fetch | None = None
        self._subject = SUBJECT.format("?" if url.startswith("sqlite") else "$1")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        sent = b""
        while True:
            message = await receive()
            sent += message.get("body", b"")
            if not message.get("more_body"):
                break
        asked = orjson.loads(sent) if sent else {}
        fetch = self._fetch or await self._open()
        answer = (
            subject(await fetch(self._subject, self._key(asked["id"]))) if "id" in asked else page(await fetch(PAGE))
        )
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, length]})
        await send({"type": "http.response.body", "body": answer})

    def _key(self, text: str) -> object:
        return uuid.UUID(text).hex if self._url.startswith("sqlite") else uuid.UUID(text)

    async def _open(self) -> Fetch:
        if self._url.startswith("sqlite"):
            connection = sqlite3.connect(self._url.removeprefix("sqlite:///"), check_same_thread=False)

            async def fetch(text: str, *values: object) -> Sequence[Any]:
                return connection.execute(text, values).fetchall()
        else:
            pool = await asyncpg.create_pool(self._url, min_size=4, max_size=16)

            async def fetch(text: str, *values: object) -> Sequence[Any]:
                async with pool.acquire() as one:
                    return await one.fetch(text, *values)

        self._fetch = fetch
        return fetch


def page(rows: Sequence[Any]) -> bytes:
    nodes = [
        {
            "id": str(row[0]),
            "circumstance": row[1],
            "publishedOn": row[2],
            "endsOn": row[3],
            "facts": row[4],
            "department": {"name": row[5]},
            "subject": {"id": str(row[6]), "name": row[7], "identifier": row[8], "area": {"name": row[9]}},
        }
        for row in rows[:20]
    ]
    more = {"hasNextPage": len(rows) > 20, "endCursor": nodes[-1]["id"]}
    return orjson.dumps({"data": {"focusedCheckTargets": {"pageInfo": more, "nodes": nodes}}})


def subject(rows: Sequence[Any]) -> bytes:
    nodes = [
        {"id": str(row[0]), "circumstance": row[1], "publishedOn": row[2], "endsOn": row[3], "facts": row[4]}
        for row in rows
    ]
    whole = {"id": str(rows[0][5]), "name": rows[0][6], "identifier": rows[0][7], "restraintCases": {"nodes": nodes}}
    return orjson.dumps({"data": {"subject": whole}})


app = Handwritten(os.environ.get("BENCH_URL", ""))
