"""Every choice of the schema in Chinese and English, for everybody: introspection is off in production."""

import re

from graphql import GraphQLEnumType

from policy.actors import Role
from policy.decisions import WithheldReason
from schema.core.enums import RoleName, WithheldReasonName, role_name
from tests.databases import shared_on_sqlite
from tests.schema.service import ServiceUnderTest
from tests.shipped_schema import shipped_types

LABELS = "query($of: [String!]) { labels(of: $of) { name values { value zh en clauses } } }"


@shared_on_sqlite
async def test_every_enum_has_its_labels(shared_service: ServiceUnderTest) -> None:
    enums = {
        name: list(each.values)
        for name, each in shipped_types().type_map.items()
        if isinstance(each, GraphQLEnumType) and not name.startswith("__")
    }
    shown = (await shared_service.ask(LABELS)).data["labels"]
    assert {one["name"]: [each["value"] for each in one["values"]] for one in shown} == enums
    for one in shown:
        for each in one["values"]:
            assert re.search(r"[\u4e00-\u9fff]", each["zh"]), (one["name"], each)
            assert each["en"].isascii(), (one["name"], each)
            assert "[" not in each["zh"] + each["en"], (one["name"], each)


@shared_on_sqlite
async def test_labels_of_some_enums(shared_service: ServiceUnderTest) -> None:
    reply = await shared_service.ask(LABELS, variables={"of": "IdentifierKind"})
    assert reply.data["labels"] == [
        {
            "name": "IdentifierKind",
            "values": [
                {"value": "ID_NUMBER", "zh": "身份证号", "en": "Id number", "clauses": None},
                {"value": "SOCIAL_CREDIT_CODE", "zh": "统一社会信用代码", "en": "Social credit code", "clauses": None},
            ],
        }
    ]
    (purpose,) = (await shared_service.ask(LABELS, variables={"of": ["Purpose", "Purpose"]})).data["labels"]
    assert purpose["values"][0] == {
        "value": "CREDIT_CHECK", "zh": "事前信用查询", "en": "Credit check", "clauses": "[4.1]",
    }  # fmt: skip
    assert (await shared_service.ask(LABELS, variables={"of": ["Purposes"]})).codes == ["BAD_ARGUMENT"]


def test_roles_and_reasons_have_the_names_of_the_policy() -> None:
    assert [each.name for each in RoleName] == [*(each.name for each in Role), "OPERATOR"]
    assert [each.name for each in WithheldReasonName] == [each.name for each in WithheldReason]
    assert {role_name(each.value) for each in Role} | {role_name("operator")} == {each.value for each in RoleName}
    assert role_name("somebody") is None
