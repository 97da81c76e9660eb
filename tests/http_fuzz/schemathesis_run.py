"""Random requests that schemathesis makes from the schema, to a real server: `make fuzz-http` installs and runs it.

python -m tests.http_fuzz.schemathesis_run [EXAMPLES]       each persona of a demo, so many requests for each root
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from gateway.demo.personas.personas import PERSONAS
from tests.served import served

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schema" / "schema.graphql"
INSTALLED = sorted(ROOT.glob("build/schemathesis-*/bin/schemathesis"))
CHECKS = "not_a_server_error,response_schema_conformance,negative_data_rejection"
"""All that are about GraphQL but `positive_data_acceptance`: the guard refuses well-formed requests."""
EXAMPLES = 20
PATIENCE = 3600.0
PLENTY = {
    f"CHENGXIN_{name}": "1000000/hour"
    for name in ("LOOKUPS_PER_ACTOR", "LOOKUPS_PER_DEPARTMENT", "CONSULTED_PER_ACTOR", "CONSULTED_PER_DEPARTMENT")
} | {f"CHENGXIN_DOCUMENT_MILLISECONDS{per}": "1000000" for per in ("", "_PER_CLIENT")}
"""Nothing is refused because there was much of it: a refusal would hide what the request finds."""


def send_random(url: str, token: str, purpose: str, examples: int, *options: str) -> "subprocess.CompletedProcess[str]":
    """Send *examples* random requests for each root field to the endpoint at *url*, and return what is reported.

    What is withheld is not told as an error: the tool would take an answer with data and errors for a failure.
    """
    headers = {"Authorization": f"Bearer {token}", "Access-Purpose": purpose, "Prefer": "withheld=extensions"}
    given = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    command = [
        str(INSTALLED[-1]), "run", str(SCHEMA), "--url", f"{url}/graphql", "--checks", CHECKS, "--phases", "fuzzing",
        "--max-examples", str(examples), "--continue-on-failure", "--no-color", "--warnings", "off", *given, *options,
    ]  # fmt: skip
    # In a folder of its own, where it keeps what it has found.
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)


def main(words: list[str]) -> int:
    if not INSTALLED:
        print("skipped: schemathesis is not installed", file=sys.stderr)
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), settings=PLENTY) as here:
        options: Sequence[str] = ()
        for name, _, _, purpose, _ in PERSONAS:
            token = httpx.get(f"{here.url}/dev/token", params={"persona": name}).text
            found = send_random(here.url, token, purpose or "PUBLICITY", int(words[0]) if words else EXAMPLES, *options)
            options = ("--exclude-name", "Query.checkNotice")  # wrong codes are limited for all personas together
            failed += found.returncode != 0
            print(found.stdout if found.returncode else f"{name}: {found.stdout.splitlines()[-1]}", flush=True)
        broken = [
            line for line in here.log.read_text().splitlines() if '"request.broke"' in line or "request.broke" in line
        ]
        print(*broken, sep="\n")
    return int(failed > 0 or bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
