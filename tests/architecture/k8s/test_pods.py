"""The pods of `k8s/`: what they may do, when they are ready, whom they reach."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from gateway.http import health
from gateway.http.app import server_options
from gateway.settings.settings import SettingRefused, read
from tests.architecture.k8s.manifests import NIGHTLY, WORKLOADS, containers, objects, one, pod, production, template
from tests.architecture.k8s.test_manifests import accepted

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


@pytest.mark.parametrize(("what", "path"), NIGHTLY)
def test_every_night_is_by_the_clock_of_the_district_and_one_at_a_time(what: str, path: str) -> None:
    spec = one(path)["spec"]
    assert spec["timeZone"] == "Asia/Shanghai"
    assert spec["concurrencyPolicy"] == "Forbid"
    assert re.fullmatch(r"\d+ \d+ \* \* \*", spec["schedule"])
    assert pod(path)["restartPolicy"] == "Never"
    assert all("kek" not in str(volume) for volume in pod(path)["volumes"]), "the key is for the gateway alone"
