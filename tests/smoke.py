"""The last check of `.ci/run`: the first commands of a newcomer still work.

`make run` in a folder without data, a token by the command line, one question as a regulator, and a stop.
"""

import tempfile
from datetime import date
from pathlib import Path

import httpx

from gateway.demo.personas.personas import personas
from tests.served import served


def main() -> None:
    regulator = next(persona for persona in personas(date(2026, 11, 20)) if persona.name == "regulator")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), ("make", "run", "PORT={port}")) as here:
        token = here.chengxin("demo", "token", "regulator")
        assert token.returncode == 0, token.stderr
        answer = httpx.post(
            f"{here.url}/graphql",
            json={"query": regulator.examples[0].query},
            headers={"Authorization": f"Bearer {token.stdout.strip()}"},
        ).json()
        assert "errors" not in answer, answer["errors"]
        found = answer["data"]["focusedCheckTargets"]["totalCount"]
        assert found > 0, answer
        print(f"smoke: a regulator found {found} targets")


if __name__ == "__main__":
    main()
