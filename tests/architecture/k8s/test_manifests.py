"""The manifests in `k8s/`: their files, settings and secrets, whoever edits them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from gateway.settings.declarations import PREFIX, TABLE
from gateway.settings.settings import SettingRefused, Settings, connection_url, read
from policy.crypto.key_file import KeyFileRefused
from policy.crypto.keyring import Keyring
from tests.architecture.k8s.manifests import (
    K8S,
    MANIFESTS,
    TOP,
    WORKLOADS,
    containers,
    environment,
    objects,
    one,
    pod,
    production,
)
from tests.architecture.sources.strict_yaml import documents

# --- the files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: str(file.relative_to(K8S)))
def test_every_manifest_can_be_read_and_has_a_kind(file: Path) -> None:
    for found in documents(file.read_text(encoding="utf-8")):
        assert isinstance(found, dict)
        assert {"apiVersion", "kind"} <= set(found)


def test_every_manifest_is_taken_up_by_a_kustomization_and_every_name_of_a_file_is_there() -> None:
    named = set()
    for file in K8S.rglob("kustomization.yaml"):
        (found,) = documents(file.read_text(encoding="utf-8"))
        assert isinstance(found, dict)
        patches, listed = found.get("patches", []), found.get("resources", [])
        named |= {(file.parent / path).resolve() for path in [*listed, *(patch["path"] for patch in patches)]}
    assert {path for path in named if not path.exists()} == set()
    assert {path for path in named if path.is_file()} == {path for path in MANIFESTS if path.stem != "kustomization"}


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("a word that some take for true", "metrics: on"),
        ("a number that some take for octal", "mode: 0400"),
        ("a number that some take for a fraction", "version: 1.10"),
        ("a tab", "a:\n\tb: 1"),
        ("an anchor", "a: &b 1"),
        ("a tag", "a: !!str 1"),
        ("a name that stands twice", "a: 1\na: 2"),
        ("a short word that some take for true", "a: y"),
        ("an unusual null", "a: ~"),
        ("a day", "a: 2026-11-20"),
        ("a quotation that does not end", 'a: "b'),
        ("a colon within a plain word", "a: b: c"),
        ("a deeper line after a value", "a: 1\n  b: 2"),
    ],
)
def test_what_people_and_programs_read_differently_is_refused(case: str, text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        documents(text)


def test_plain_text_is_read_as_it_stands() -> None:
    text = 'a: "on" # why\nb:\n  - c: 1\n    d: [] \n  - x:y:z\n---\ne: null\nf: |\n  on\ng: {h: "1.10"}\n'
    assert documents(text) == [
        {"a": "on", "b": [{"c": 1, "d": []}, "x:y:z"]}, {"e": None, "f": "on\n", "g": {"h": "1.10"}}
    ]  # fmt: skip


# --- settings -----------------------------------------------------------------------------------------------------


def test_every_setting_that_is_named_is_known() -> None:
    known = {PREFIX + setting.name for setting in TABLE}
    files = [*K8S.rglob("*.yaml"), *K8S.rglob("*.env"), TOP / "Dockerfile", TOP / "docs" / "operations.md"]
    for file in files:
        named = set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", file.read_text(encoding="utf-8")))
        # Named to say what service links would do.
        assert named - known - {"CHENGXIN_GATEWAY_PORT"} == set(), file


def accepted(folder: Path) -> Settings:
    """Read the settings of production, with the pod's folder of secrets laid into *folder*."""
    return read({name: value.replace("/run/chengxin", str(folder)) for name, value in production().items()})


def test_production_is_accepted_and_closed(tmp_path: Path) -> None:
    settings = accepted(tmp_path)
    assert not settings.is_demo
    assert (settings.introspection, settings.graphiql, settings.log_format) == (False, False, "json")
    (port,) = containers("base/deployment.yaml")[1]["ports"]
    assert (settings.host, settings.port) == ("0.0.0.0", port["containerPort"])  # noqa: S104 - a pod's only way in


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_JWKS_URL", "LEDGER_STORE", "LEDGER_ORIGIN"]
)
def test_without_the_district_s_own_settings_nothing_starts(name: str) -> None:
    given = production()
    assert PREFIX + name not in environment("base")
    del given[PREFIX + name]
    with pytest.raises(SettingRefused, match=name):
        read(given)


def test_the_database_is_reached_with_its_password_and_by_a_certificate_that_is_verified(tmp_path: Path) -> None:
    settings = accepted(tmp_path)
    assert settings.database_password_file is not None
    settings.database_password_file.parent.mkdir(parents=True)
    settings.database_password_file.write_text("p@ss/word\n", encoding="utf-8")
    assert connection_url(settings).startswith("postgresql://chengxin:p%40ss%2Fword@")
    assert "ssl=verify-full" in settings.database_url


# --- secrets ------------------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_files() -> None:
    assert [path for path, found in objects() if found["kind"] == "Secret"] == []
    for file in [*K8S.rglob("*"), TOP / "Dockerfile"]:
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            assert "secretGenerator" not in text, file
            assert not re.search(r"-----BEGIN|[A-Za-z0-9+/]{43}=|://[^\s/@:]+:[^\s/@]+@", text), file


@pytest.mark.parametrize(("what", "path"), WORKLOADS)
def test_a_secret_never_becomes_a_variable(what: str, path: str) -> None:
    for container in containers(path):
        assert all("valueFrom" not in variable for variable in container.get("env", []))
        assert all("secretRef" not in source for source in container.get("envFrom", []))


@pytest.mark.skipif(shutil.which("install") is None, reason="needs the command install, as the image has it")
@pytest.mark.subprocess
def test_the_key_file_is_refused_as_a_secret_and_accepted_as_it_is_copied(tmp_path: Path) -> None:
    take_key, gateway = containers("base/deployment.yaml")
    command = [word.replace("/run/chengxin", str(tmp_path)) for word in take_key["command"]]
    source, copy = Path(command[-2]), accepted(tmp_path).kek_file
    source.parent.mkdir()
    copy.parent.mkdir()
    Keyring.create(source, lambda size: bytes(range(size)))
    source.chmod(0o440)
    with pytest.raises(KeyFileRefused, match="0440"):
        Keyring.load(source, bytes)
    for _ in ("the first time", "when the container is started again"):
        subprocess.run(command, check=True)
        assert Keyring.load(copy, bytes).kek_id

    volumes = {volume["name"]: volume for volume in pod("base/deployment.yaml")["volumes"]}
    mounted = {mount["name"]: mount for mount in gateway["volumeMounts"]}
    assert volumes["keys"]["emptyDir"]["medium"] == "Memory"
    assert mounted["keys"]["readOnly"] is True
    assert "key-secret" not in mounted
    assert "keys" not in {mount["name"] for mount in containers("base/migrate.yaml")[0]["volumeMounts"]}


# --- other platforms, signed notices, every night ------------------------------------------------------------------


def secrets_of(component: str) -> dict[str, str]:
    """Give where each secret that a component mounts into the gateway stands: its place, and its name."""
    spec = pod(f"components/{component}/mount.yaml")
    (gateway,) = spec["containers"]
    places = {mount["name"]: mount for mount in gateway["volumeMounts"]}
    assert all(mount["readOnly"] is True for mount in places.values())
    assert {volume["secret"]["defaultMode"] for volume in spec["volumes"]} == {0o400}
    return {places[volume["name"]]["mountPath"]: volume["secret"]["secretName"] for volume in spec["volumes"]}


def test_every_platform_s_files_are_in_the_secret_that_is_mounted(tmp_path: Path) -> None:
    given = environment("base", "overlays/production", "components/other-platforms")
    files = [value for name, value in given.items() if name.endswith("_FILE") and "/platforms/" in value]
    assert len(files) == 4
    ((place, secret),) = secrets_of("other-platforms").items()
    readme = (K8S / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.strip().startswith(f"| `{secret}`")]
    for file in files:
        assert str(Path(file).parent) == place
        assert f"`{Path(file).name}`" in row
    settings = read({name: value.replace("/run/chengxin", str(tmp_path)) for name, value in given.items()})
    assert settings.platform_url
    assert settings.joint_measures_url


@pytest.mark.parametrize("component", ["telemetry", "redis"])
def test_the_settings_of_a_component_without_files_are_accepted(tmp_path: Path, component: str) -> None:
    (generator,) = one(f"components/{component}/kustomization.yaml")["configMapGenerator"]
    given = environment("base", "overlays/production") | dict(line.split("=", 1) for line in generator["literals"])
    settings = read({name: value.replace("/run/chengxin", str(tmp_path)) for name, value in given.items()})
    assert settings.otlp_endpoint if component == "telemetry" else settings.rates_redis_url


@pytest.mark.parametrize(
    ("component", "names"),
    [
        ("signed-notices", {"CHENGXIN_NOTICE_PKCS12_FILE", "CHENGXIN_NOTICE_SECRET_FILE"}),
        ("bucket-key", {"CHENGXIN_LEDGER_S3_KEY_FILE"}),
        ("browser-login", {"CHENGXIN_OIDC_CLIENT_SECRET_FILE"}),
    ],
)
def test_the_files_of_a_component_are_in_the_secret_that_is_mounted(component: str, names: set[str]) -> None:
    (generator,) = one(f"components/{component}/kustomization.yaml")["configMapGenerator"]
    given = dict(line.split("=", 1) for line in generator["literals"])
    ((place, secret),) = secrets_of(component).items()
    (volume,) = pod(f"components/{component}/mount.yaml")["volumes"]
    paths = {f"{place}/{item['path']}" for item in volume["secret"]["items"]}
    assert set(given.values()) == paths
    assert set(given) == names
    assert f"| `{secret}`" in (K8S / "README.md").read_text(encoding="utf-8")
