"""The manifests in `k8s/`, read as Kubernetes and kustomize read them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.architecture.sources.strict_yaml import documents

TOP = Path(__file__).parents[3]
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
