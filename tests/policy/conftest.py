from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policy.decisions import Decisions, load
from policy.rules import CLASSES, FILES

POLICY = Path(__file__).parents[2] / "policy"
FEW_CLASSES = "field,class\nSubject.id,SUBJECT\nRestraintCase.facts,FACTS\nSubject.idNumber,IDENTITY_NUMBER\n"

Edit = Callable[[str], str]


@pytest.fixture(scope="session")
def table() -> Decisions:
    return load(POLICY)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Copy the policy into a folder of its own, each file passed through its edit; three fields have a class."""

    def copy(edits: Mapping[str, Edit] | None = None, name: str = "policy") -> Path:
        target = tmp_path / name
        target.mkdir()
        for file in FILES:
            text = FEW_CLASSES if file == CLASSES else (POLICY / file).read_text("utf-8")
            (target / file).write_text((edits or {}).get(file, str)(text), "utf-8", newline="")
        return target

    return copy
