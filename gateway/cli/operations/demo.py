"""`chengxin demo …`: the synthetic district, and tokens of its synthetic people."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from starlette.applications import Starlette

from credit.calendar.deadlines import civil_date
from credit.joint_measures.source_answer import MemorandumKind
from gateway.auth.dev_issuer import DevIssuer
from gateway.cli.arguments import Json
from gateway.cli.output import Bars, CommandMisused, CommandRefused, print_facts, print_progress, print_result
from gateway.demo.bootstrap import SEED, SUBJECTS, make_key, migrate_demo, reset_demo, seed_demo
from gateway.demo.city_platform import CityPlatform
from gateway.demo.district.people import FEWEST
from gateway.demo.personas.personas import personas
from gateway.joint_measures.fake_server import DEMO_TOKEN, FakeServerBehaviour, peer
from gateway.runtime import utc_now
from gateway.settings.settings import Mode, Settings, read

Host = Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")]
Port = Annotated[int, typer.Option(metavar="PORT", help="The port to listen on.")]

Subjects = Annotated[int, typer.Option(metavar="N", min=FEWEST, help="How many subjects.")]
SeedNumber = Annotated[int, typer.Option("--seed", metavar="S", help="Equal seeds give equal districts.")]


def seed(subjects: Subjects = SUBJECTS, seed_number: SeedNumber = SEED, *, as_json: Json = False) -> None:
    """Add synthetic people and their cases; do nothing where the database holds anybody."""
    settings = _demo_settings()
    with Bars() as bars:
        seeded = seed_demo(settings, utc_now, count=subjects, seed_number=seed_number, progress=bars)
    if seeded is None:
        print_facts({"seeded": None}, ["nothing was done: somebody is on record already"], as_json=as_json)
        if not as_json:
            print_progress("hint: point CHENGXIN_DATABASE_URL to another database for another district")
        return
    counts = asdict(seeded)
    on_record = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items())
    print_facts({"seeded": counts}, [f"on record now: {on_record}"], as_json=as_json)


def reset(
    subjects: Subjects = SUBJECTS,
    seed_number: SeedNumber = SEED,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Remove the demo's people and all that was done with them, and begin again. The keys stay."""
    settings = _demo_settings()
    question = f"Remove everything in {settings.database_url.rpartition('@')[2]}?"
    if not yes and not typer.confirm(question, err=True):
        raise CommandRefused("nothing was removed", "answer yes, or give --yes")
    reset_demo(settings)
    make_key(settings)
    migrate_demo(settings)
    seed(subjects, seed_number, as_json=as_json)


def token(persona: Annotated[str, typer.Argument(metavar="PERSONA", help="The persona, such as clerk.")]) -> None:
    """Print a bearer token of a synthetic person, and nothing else. It is valid for a working day."""
    issuer = DevIssuer(_demo_settings(), personas(civil_date(utc_now())), utc_now)
    if persona not in issuer.personas:
        raise CommandMisused(f"there is no persona {persona!r}", f"there are {', '.join(issuer.personas)}")
    print_result(issuer.mint(persona))


def city_platform(
    host: Host = "127.0.0.1",
    port: Port = 8100,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with the token of requests; without it, none.")
    ] = None,
) -> None:
    """Simulate the city platform: accept what the courier delivers, and be slow, refuse or be down when asked to."""
    _demo_settings()
    token = None if token_file is None else _first_line(token_file)
    print_progress(f"open: set CHENGXIN_PLATFORM_URL=http://{host}:{port}/restraints where the gateway is served")
    print_progress(f'see http://{host}:{port}/counts; POST {{"mode": "down"}} to /control')
    _serve(CityPlatform(token).app(), host, port)


def joint_measures(
    host: Host = "127.0.0.1",
    port: Port = 8101,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file with the token that requests must carry.")
    ] = None,
    slow: Annotated[float, typer.Option(metavar="SECONDS", help="Wait so long before each answer.")] = 0.0,
    refuse: Annotated[int | None, typer.Option(metavar="STATUS", help="Refuse everything with this status.")] = None,
    fail: Annotated[int, typer.Option(metavar="N", help="Answer the first N requests with 503.")] = 0,
    answer: Annotated[
        str, typer.Option(metavar="FINDING", help="The finding for every subject: CLEAN, ADVERSE or GOVERNED.")
    ] = "CLEAN",
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="With GOVERNED, the kind of the memorandum: PENALTY or REWARD.")
    ] = MemorandumKind.PENALTY,
) -> None:
    """Simulate the city's joint rewards-and-penalties module; be slow, refuse or fail when asked to."""
    _demo_settings()
    token = DEMO_TOKEN if token_file is None else _first_line(token_file)
    memorandum = "演示联合奖惩备忘录" if answer == "GOVERNED" else None
    behaviour = FakeServerBehaviour(
        slow_seconds=slow, refuse=refuse, fail_times=fail, everybody=(answer, memorandum), kind=memorandum and kind
    )
    print_progress(f"open: set CHENGXIN_JOINT_MEASURES_URL=http://{host}:{port} where the gateway is served")
    print_progress(f"and CHENGXIN_JOINT_MEASURES_TOKEN_FILE to a file with {'its token' if token_file else token}")
    _serve(peer(behaviour, token), host, port)


def _first_line(file: Path) -> str:
    return file.read_text(encoding="ascii").splitlines()[0].strip()


def _serve(simulation: Starlette, host: str, port: int) -> None:
    uvicorn.run(simulation, host=host, port=port, log_level="warning", access_log=False)


def _demo_settings() -> Settings:
    # Checked first: production may lack other settings too, and those are not the reason.
    if os.environ.get("CHENGXIN_MODE") == Mode.PRODUCTION:
        raise CommandRefused("this is production, and there is no demo in it", "unset CHENGXIN_MODE to try a demo")
    return read(os.environ)
