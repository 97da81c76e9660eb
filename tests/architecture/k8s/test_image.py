"""The Dockerfile, the commands of the pods, and the overlay as it is put together."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from gateway.cli import run
from policy.decisions import load
from policy.rules import FILES
from tests.architecture.k8s.manifests import K8S, NIGHTLY, TOP, WORKLOADS, containers, one, pod

# --- image and command --------------------------------------------------------------------------------------------


def test_image_job_and_project_are_of_one_version_and_no_registry_is_named() -> None:
    version = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    images = {container["image"] for _, path in WORKLOADS for container in containers(path)}
    assert images == {f"chengxin-gateway:{version}"}
    assert one("base/migrate.yaml")["metadata"]["name"] == f"chengxin-migrate-{version.replace('.', '-')}"
    assert one("overlays/production/kustomization.yaml")["images"] == [{"name": "chengxin-gateway", "newTag": version}]


def dockerfile() -> list[list[str]]:
    joined = re.sub(r"\\\n", "", (TOP / "Dockerfile").read_text(encoding="utf-8"))
    return [line.split(maxsplit=1) for line in joined.splitlines() if line and not line.startswith("#")]


def test_the_image_is_small_locked_and_not_root_s() -> None:
    words = dockerfile()
    assert [argument.split()[0] for word, argument in words if word == "FROM"] == ["python:3.11-slim"] * 2
    installs = [argument for word, argument in words if word == "RUN" and "pip install" in argument]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-index" in installs[1]
    user = pod("base/deployment.yaml")["securityContext"]
    assert [argument for word, argument in words if word == "USER"] == [f"{user['runAsUser']}:{user['runAsGroup']}"]
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {word for kind, argument in words if kind == "COPY" for word in argument.split()}
    assert rooms <= copied


def test_only_what_the_image_is_built_from_is_sent_to_the_builder() -> None:
    lines = (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    copied = [
        argument.split()[:-1] for kind, argument in dockerfile() if kind == "COPY" and not argument.startswith("--from")
    ]
    assert wanted[0] == "*"
    assert {line[1:] for line in wanted if line.startswith("!")} == {word for words in copied for word in words}


@pytest.mark.parametrize(("what", "path"), WORKLOADS)
def test_what_a_pod_runs_is_a_command_with_these_words(
    what: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *words = containers(path)[-1]["args"]
    verbs = [word for word in words[:2] if not word.startswith("-")]
    assert program == "chengxin"
    assert run([*verbs, "--help"]) == 0
    helped = capsys.readouterr().out
    assert all(word in helped for word in words if word.startswith("--"))


# --- rendered -----------------------------------------------------------------------------------------------------


def rendered(folder: Path) -> str:
    done = subprocess.run(["kubectl", "kustomize", str(folder)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which has kustomize in it")
@pytest.mark.subprocess
def test_the_overlay_is_put_together_with_all_components_and_with_none(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(K8S, tmp_path / "k8s"))
    plain = rendered(copy / "overlays" / "production")
    assert "chengxin-settings-" in plain
    assert plain.count("namespace: chengxin\n") >= 9

    for name in FILES:
        shutil.copy(TOP / "policy" / name, copy / "components" / "policy-tables")
    file = copy / "overlays" / "production" / "kustomization.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("# components:", "components:").replace("#   - ..", "  - .."), encoding="utf-8")
    whole = rendered(copy / "overlays" / "production")
    assert "CHENGXIN_POLICY_DIR: /run/chengxin/policy" in whole
    assert "mountPath: /run/chengxin/policy" in whole
    assert "kind: Cluster" in whole
    assert "chengxin-from-prometheus" in whole
    assert "chengxin-to-platforms" in whole
    assert "CHENGXIN_OTLP_ENDPOINT: http" in whole
    assert "CHENGXIN_RATES_REDIS_URL: redis" in whole
    assert "mountPath: /run/chengxin/platforms" in whole
    assert "mountPath: /run/chengxin/signing" in whole
    assert whole.count("kind: CronJob") == len(NIGHTLY)
    assert len(set(re.findall(r"name: (chengxin-settings-\w+)", whole))) == 1, "each pod takes the same settings"
    assert load(copy / "components" / "policy-tables").version == load(TOP / "policy").version


def test_the_component_of_policy_tables_takes_every_file_of_a_policy() -> None:
    generators = one("components/policy-tables/kustomization.yaml")["configMapGenerator"]
    assert sorted(generators[0]["files"]) == sorted(FILES)


def test_the_example_database_s_log_holds_no_value_of_a_row() -> None:
    parameters = one("components/postgresql/cluster.yaml")["spec"]["postgresql"]["parameters"]
    assert parameters["synchronous_commit"] == "on"
    assert parameters["log_error_verbosity"] == "terse"
    assert parameters["log_parameter_max_length"] == parameters["log_parameter_max_length_on_error"] == "0"
    assert parameters["log_statement"] == "none"
