"""Claims by setting: where a token holds what we read, and the tokens of three kinds of issuers."""

# ruff: noqa: E501 - one row of a table is one line

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from gateway.auth.claim_paths import ClaimPath
from gateway.auth.claims import Bearer
from gateway.http.errors import HttpRefusal
from gateway.settings.settings import read
from policy.actors import Role
from tests.gateway.fakes import MARKED, SUBJECT, claim_reader

PAGE = Path(__file__).parents[3] / "docs" / "tokens.md"
CLAIMS: dict[str, Any] = {"exp": 1790000600, "sub": "u-1024", "roles": ["clerk"], "department": "LZ-1"}


def bearer(setting: dict[str, str] | None = None, **claims: Any) -> Bearer:
    body = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return claim_reader(**(setting or {})).read(body)


def refused(setting: dict[str, str] | None = None, **claims: Any) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(HttpRefusal) as caught:
        bearer(setting, **claims)
    return str(caught.value.code), caught.value.facts


NESTED = {"realm_access": {"roles": ["a"]}, "resource_access": {"chengxin.example": {"roles": ["b"]}}}


@pytest.mark.parametrize(
    ("case", "path", "claims", "found"),
    [
        ("a claim", "roles", {"roles": ["a"]}, ["a"]),
        ("a claim in a claim", "realm_access.roles", NESTED, ["a"]),
        ("a claim with dots comes first", "realm_access.roles", NESTED | {"realm_access.roles": ["c"]}, ["c"]),
        ("a null is no claim", "realm_access.roles", NESTED | {"realm_access.roles": None}, ["a"]),
        ("an address", "https://chengxin.example/roles", {"https://chengxin.example/roles": ["a"]}, ["a"]),
        ("a pointer through a name with dots", "/resource_access/chengxin.example/roles", NESTED, ["b"]),
        ("a pointer to an address", "/https:~1~1chengxin.example~1roles", {"https://chengxin.example/roles": ["a"]}, ["a"]),
        ("a pointer to a tilde", "/~01", {"~1": "a"}, "a"),
        ("a pointer does not split", "/realm_access.roles", NESTED, None),
        ("nothing there", "roles", {}, None),
        ("a text on the way", "realm_access.roles", {"realm_access": "roles"}, None),
        ("a list on the way", "/realm_access/0", {"realm_access": ["a"]}, None),
    ],
)  # fmt: skip
def test_a_claim_is_named_by_its_name_a_path_or_a_pointer(case: str, path: str, claims: dict[str, Any], found: object):
    assert ClaimPath.parse(path).find(claims) == found, case


@pytest.mark.parametrize("raw", ["", "a\nb", "x" * 256, "/a~2", "/a~"])
def test_what_names_no_claim_is_refused(raw: str):
    with pytest.raises(ValueError, match="no"):
        ClaimPath.parse(raw)


FOREIGN = {"OIDC_ROLE_NAMES": "case-worker=handler; Team Lead=head;cn=clerks,ou=linzi=clerk"}


@pytest.mark.parametrize(
    ("case", "setting", "claims", "roles"),
    [
        ("a list", {}, {"roles": ["clerk", "handler"]}, {Role.CLERK, Role.HANDLER}),
        ("one text", {}, {"roles": "clerk  handler"}, {Role.CLERK, Role.HANDLER}),
        ("one role as a text", {}, {"roles": "clerk"}, {Role.CLERK}),
        ("roles of other systems", {}, {"roles": ["clerk", "mail-user"]}, {Role.CLERK}),
        ("anonymous is not held", {}, {"roles": ["anonymous"]}, set()),
        ("none", {}, {"roles": []}, set()),
        ("by the issuer's names", FOREIGN, {"roles": ["case-worker", "cn=clerks,ou=linzi"]}, {Role.HANDLER, Role.CLERK}),
        ("a name with a space, in a list", FOREIGN, {"roles": ["Team Lead"]}, {Role.HEAD}),
        ("ours do not count beside them", FOREIGN, {"roles": ["admin", "handler"]}, set()),
        ("no claim of roles, for citizens", {"OIDC_DEFAULT_ROLE": "subject"}, {"roles": ...}, {Role.SUBJECT}),
        ("a claim of roles that names none", {"OIDC_DEFAULT_ROLE": "subject"}, {"roles": []}, set()),
    ],
)  # fmt: skip
def test_roles_are_a_list_or_a_text(case: str, setting: dict[str, str], claims: dict[str, Any], roles: set[Role]):
    assert bearer(setting, **claims).roles == roles, case


def test_an_attribute_may_be_a_list_of_one():
    claims = {"department": ["LZ-2"], "sector": [], "area": "", "subject": [SUBJECT], "acting_role": ["clerk"]}
    found = bearer(**claims)
    assert (found.department, found.sector, found.area) == ("LZ-2", None, None)
    assert (found.subject, found.bound_to) == (UUID(SUBJECT), Role.CLERK)


def test_a_token_is_bound_to_a_role_by_the_issuer_s_name_of_it():
    assert bearer(FOREIGN, roles=["case-worker"], acting_role="case-worker").bound_to is Role.HANDLER
    assert refused(FOREIGN, acting_role="handler") == ("CLAIMS_REFUSED", {"claim": "acting_role"})


@pytest.mark.parametrize(
    ("case", "claims", "claim"),
    [
        ("no roles claim", {"roles": ...}, "roles"),
        ("roles that are numbers", {"roles": [1]}, "roles"),
        ("roles that are a map", {"roles": {"clerk": True}}, "roles"),
        ("two acting roles", {"acting_role": ["clerk", "head"]}, "acting_role"),
        ("two departments", {"department": ["LZ-1", "LZ-2"]}, "department"),
        ("a department that is a map", {"department": {"id": 1}}, "department"),
        ("a department by its name", {"department": "临淄区市场监督管理局"}, "department"),
        ("a sector that is a number", {"sector": 7}, "sector"),
        ("an area with spaces", {"area": "37 03 05"}, "area"),
        ("an own subject that is no UUID", {"subject": MARKED}, "subject"),
    ],
)  # fmt: skip
def test_a_claim_in_another_form_is_refused_by_its_name_alone(case: str, claims: dict[str, Any], claim: str):
    assert refused(**claims) == ("CLAIMS_REFUSED", {"claim": claim}), case


EXAMPLES: dict[str, tuple[str, set[Role], str | None, UUID | None]] = {
    "Keycloak": ("7c9e6679-7425-40de-944b-e13812345678", {Role.HANDLER}, "LZ-SCJG", None),
    "npm oidc-provider": ("-AbC0defGhIjKlMnOpQrStUvWxYz0123456789abcde", {Role.CLERK, Role.HANDLER}, "LZ-XZSP", None),
    "A government identity platform": ("9f86d081884c7d659a2feaa0c55ad015", {Role.SUBJECT}, None, UUID(SUBJECT)),
}


@pytest.mark.parametrize("issuer", EXAMPLES)
def test_the_examples_of_the_page_work_by_settings_alone(issuer: str):
    sub, roles, department, subject = EXAMPLES[issuer]
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {issuer}\n")[1].split("\n## ")[0]
    shown = dict(line.split("=", 1) for line in re.findall(r"^CHENGXIN_\S.*", section, re.MULTILINE))
    claims = orjson.loads(re.findall(r"```json\n(.*?)```", section, re.DOTALL)[0])
    production = {
        "CHENGXIN_MODE": "production", "CHENGXIN_KEK_FILE": "/k", "CHENGXIN_DATABASE_URL": "sqlite:///d",
        "CHENGXIN_LEDGER_STORE": "file:/l", "CHENGXIN_LEDGER_ORIGIN": "credit.linzi.example",
    }  # fmt: skip
    settings = read(production | shown)
    assert settings.oidc_issuer == claims["iss"]
    assert settings.oidc_audience in claims["aud"]
    asked: list[str] = []
    ours = {
        name.removeprefix("CHENGXIN_"): value for name, value in shown.items() if "_CLAIM" in name or "_ROLE" in name
    }
    found = claim_reader(lambda of: asked.append(of) or "acct-k3xq7m2nfr5ta6hw", **ours).read(claims)  # type: ignore[func-returns-value]
    assert (found.ref, asked) == ("acct-k3xq7m2nfr5ta6hw", [sub])
    assert (found.roles, found.department, found.subject) == (roles, department, subject)
