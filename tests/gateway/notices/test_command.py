"""`chengxin notice preview`: a specimen to look at, and what it refuses."""

from pathlib import Path

import pytest

from credit.notices.facts import NoticeKind
from gateway.cli import run
from gateway.notices.render import render
from gateway.notices.samples import sample

pytestmark = pytest.mark.pdf

DONE, REFUSED, MISUSED = 0, 1, 2


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_specimen_of_every_kind(kind: NoticeKind, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    output = tmp_path / "a.pdf"
    assert run(["notice", "preview", kind.value.lower().replace("_", "-"), "--output", str(output)]) == DONE
    assert output.read_bytes() == render(sample(kind), code=None)
    assert capsys.readouterr() == ("", f"a specimen of {kind.value} is in a.pdf\n")


def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    output = tmp_path / "a.pdf"
    output.write_text("mine")
    line = ["notice", "preview", "NOTICE", "--output", str(output)]
    assert run(line) == REFUSED
    assert output.read_text() == "mine"
    assert capsys.readouterr().err == (
        "error: a.pdf cannot be written\nhint: choose another name, or replace it with --yes\n"
    )
    assert run([*line, "--yes"]) == DONE


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["notice", "preview", "NOTICE", "--output", str(tmp_path / "no" / "a.pdf")]) == REFUSED
    assert "hint: see that the folder can be written to" in capsys.readouterr().err


def test_a_kind_that_there_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["notice", "preview", "summons", "--output", str(tmp_path / "a.pdf")]) == MISUSED
    assert "error: there is no notice 'summons'" in capsys.readouterr().err


def test_a_template_of_ones_own_that_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    template, output = tmp_path / "own.typ", tmp_path / "a.pdf"
    template.write_text("\n#panic(sys.inputs.notice)", encoding="utf-8")
    assert run(["notice", "preview", "NOTICE", "--output", str(output), "--template", str(template)]) == REFUSED
    printed = capsys.readouterr().err
    assert printed.startswith("error: the template own.typ, line 2 cannot be made into a document\nhint: ")
    assert "演示" not in printed
    assert not output.exists()
