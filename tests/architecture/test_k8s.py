"""The manifests in `k8s/` and the Dockerfile: what they must hold, whoever edits them."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.routing import Route

from gateway.cli import run
from gateway.http import health
from gateway.http.app import server_options
from gateway.settings.declarations import PREFIX, TABLE
from gateway.settings.settings import SettingRefused, Settings, connection_url, read
from policy.crypto.key_file import KeyFileRefused
from policy.crypto.keyring import Keyring
from policy.decisions import load
from policy.rules import FILES
from tests.architecture.sources.strict_yaml import documents

TOP = Path(__file__).parents[2]
K8S = TOP / "k8s"
MANIFESTS = sorted(K8S.rglob("*.yaml"))
NIGHTLY = [
    ("the look at the calendar", "components/nightly/calendar.yaml"),
    ("telling supervisors", "components/nightly/focused-checks.yaml"),
]
WORKLOADS = [("the gateway", "base/deployment.yaml"), ("its migration", "base/migrate.yaml"), *NIGHTLY]


def objects() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every object of Kubernetes, with the file that it stands in; kustomizations are none."""
    for file in MANIFESTS:
        for found in documents(file.read_text(encoding="utf-8")):
            assert isinstance(found, dict), file
            if found["kind"] not in ("Kustomization", "Component"):
                yield str(file.relative_to(K8S)), found


def one(path: str) -> dict[str, Any]:
    (found,) = documents((K8S / path).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def pod(path: str) -> dict[str, Any]:
    spec: dict[str, Any] = template(path)["spec"]
    return spec


def template(path: str) -> dict[str, Any]:
    """Give the pod's template, of a CronJob as well."""
    spec = one(path)["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {}).get("spec", spec)["template"]
    return found


def containers(path: str) -> list[dict[str, Any]]:
    spec = pod(path)
    return [*spec.get("initContainers", []), *spec["containers"]]


def environment(*folders: str) -> dict[str, str]:
    """Read the files of settings as kustomize does: the later one wins."""
    found: dict[str, str] = {}
    for folder in folders:
        for line in (K8S / folder / "settings.env").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.partition("=")
                found[name] = value
    return found


def production() -> dict[str, str]:
    return environment("base", "overlays/production")


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


# --- pods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "path"), WORKLOADS)
def test_no_container_is_root_or_can_write_or_become_more(what: str, path: str) -> None:
    spec = pod(path)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert min(spec["securityContext"][name] for name in ("runAsUser", "runAsGroup", "fsGroup")) > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert spec["automountServiceAccountToken"] is False
    for container in containers(path):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
    assert all({"secret", "emptyDir"} & set(volume) for volume in spec["volumes"])


@pytest.mark.parametrize(("what", "path"), WORKLOADS)
def test_every_container_declares_requests_and_limits(what: str, path: str) -> None:
    for container in containers(path):
        assert set(container["resources"]["requests"]) == set(container["resources"]["limits"]) == {"cpu", "memory"}


@pytest.mark.parametrize(("what", "path"), WORKLOADS)
def test_kubernetes_adds_no_settings_of_its_own(what: str, path: str) -> None:
    assert pod(path)["enableServiceLinks"] is False
    with pytest.raises(SettingRefused, match="CHENGXIN_GATEWAY_PORT"):
        read(production() | {"CHENGXIN_GATEWAY_PORT": "tcp://10.0.0.1:80"})


def test_probes_ask_routes_that_exist_and_wait_for_their_answer() -> None:
    gateway = containers("base/deployment.yaml")[1]
    there = {route.path for route in health.routes({}) if isinstance(route, Route)}
    probes = {name: gateway[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    assert {probe["httpGet"]["path"] for probe in probes.values()} == there
    assert {probe["httpGet"]["port"] for probe in probes.values()} == {gateway["ports"][0]["name"]}
    # A database that is away is no reason to kill a process.
    assert probes["liveness"]["httpGet"]["path"] == "/healthz"
    assert probes["readiness"]["timeoutSeconds"] > health.CHECK_TIMEOUT


def test_a_pod_may_finish_what_it_has_begun(tmp_path: Path) -> None:
    leaving = int(containers("base/deployment.yaml")[1]["lifecycle"]["preStop"]["exec"]["command"][1])
    finishing = server_options(accepted(tmp_path))["timeout_graceful_shutdown"]
    assert pod("base/deployment.yaml")["terminationGracePeriodSeconds"] >= 2 * (leaving + finishing)


def test_there_are_two_and_a_new_one_is_ready_before_an_old_one_goes() -> None:
    spec = one("base/deployment.yaml")["spec"]
    assert spec["replicas"] >= 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert one("base/pod-disruption-budget.yaml")["spec"]["maxUnavailable"] == 1
    assert [each["topologyKey"] for each in spec["template"]["spec"]["topologySpreadConstraints"]] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]


def test_selectors_find_the_gateway_and_not_its_migration() -> None:
    labels = one("base/deployment.yaml")["spec"]["template"]["metadata"]["labels"]
    assert one("base/deployment.yaml")["spec"]["selector"]["matchLabels"] == labels
    assert one("base/service.yaml")["spec"]["selector"] == labels
    assert one("base/pod-disruption-budget.yaml")["spec"]["selector"]["matchLabels"] == labels
    for spread in pod("base/deployment.yaml")["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == labels
    assert one("base/migrate.yaml")["spec"]["template"]["metadata"]["labels"] != labels


# --- the network --------------------------------------------------------------------------------------------------


def policies() -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found["spec"] for _, found in objects() if found["kind"] == "NetworkPolicy"}


def test_every_pod_is_closed_in_both_directions_at_first() -> None:
    closed = policies()["chengxin-closed"]
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in closed
    for _, path in WORKLOADS:
        labels = template(path)["metadata"]["labels"]
        assert closed["podSelector"]["matchLabels"].items() <= labels.items()


def test_whatever_is_opened_names_peers_and_ports() -> None:
    assert len(policies()) > 1
    for name, spec in policies().items():
        for rule in [*spec.get("ingress", []), *spec.get("egress", [])]:
            peers = rule.get("from") or rule["to"]
            assert peers, name
            assert rule["ports"], name
            assert all(peer not in ({}, {"podSelector": {}}, {"namespaceSelector": {}}) for peer in peers), name
            assert all(not peer.get("ipBlock", {}).get("cidr", "/32").endswith("/0") for peer in peers), name


def test_the_issuer_is_reached_by_the_gateway_only() -> None:
    assert policies()["chengxin-to-issuer"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "gateway"
    out = [port["port"] for rule in policies()["chengxin-closed"]["egress"] for port in rule["ports"]]
    assert out == [53, 53, 5432]


def test_the_platforms_are_reached_by_the_gateway_only() -> None:
    assert policies()["chengxin-to-platforms"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "gateway"


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


@pytest.mark.parametrize(
    ("component", "names"),
    [
        ("signed-notices", {"CHENGXIN_NOTICE_PKCS12_FILE", "CHENGXIN_NOTICE_SECRET_FILE"}),
        ("bucket-key", {"CHENGXIN_LEDGER_S3_KEY_FILE"}),
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


@pytest.mark.parametrize(("what", "path"), NIGHTLY)
def test_every_night_is_by_the_clock_of_the_district_and_one_at_a_time(what: str, path: str) -> None:
    spec = one(path)["spec"]
    assert spec["timeZone"] == "Asia/Shanghai"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert re.fullmatch(r"\d+ \d+ \* \* \*", spec["schedule"])
    assert pod(path)["restartPolicy"] == "Never"
    assert all("kek" not in str(volume) for volume in pod(path)["volumes"]), "the key is for the gateway alone"


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
