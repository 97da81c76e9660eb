"""Which facts each notice needs, and what it is refused for [A] [5.1.2c] [5.1.4] [5.1.5]."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from credit.cases.case import ReviewOutcome, ServiceMeans
from credit.cases.refusals import PERIOD_NEEDS_CITATION, DayOutOfOrder, Lacking
from credit.cases.rules.term import Term
from credit.cases.status import Circumstance, CollectionChannel, UnrectifiedPolicy
from credit.core.errors import CreditError
from credit.core.labels import Labelled
from credit.notices.facts import FORMS, NoticeKind, draft, items, labels_of
from credit.notices.refusals import FactMissing
from credit.notices.remedies import shipped
from credit.subjects.subject import SubjectKind

EVERY: Mapping[str, Any] = {
    "number": "示例〔1912〕第1号",
    "addressee": "演示甲",
    "subject_kind": SubjectKind.NATURAL_PERSON,
    "department": "演示部门",
    "telephone": "0000-0000000",
    "issued_on": date(1912, 3, 5),
}
FOUND = {"circumstance": Circumstance.FALSE_MATERIAL, "conduct": "演示事实", "basis": "演示依据"}
FACTS: Mapping[NoticeKind, Mapping[str, Any]] = {
    NoticeKind.NOTICE: {**EVERY, **FOUND, "window": "1号窗口", "channel": CollectionChannel.PUBLIC_REPORT},
    NoticeKind.RECEIPT_OF_SERVICE: {
        **EVERY,
        "document": NoticeKind.NOTICE,
        "document_number": "示例〔1912〕第1号",
        "means": ServiceMeans.ON_THE_SPOT,
    },
    NoticeKind.REMINDER: {
        **EVERY,
        "window": "1号窗口",
        "application_number": "YS-1",
        "matter": "演示事项",
        "documents": ("材料一", "材料二"),
        "promised_on": date(1912, 3, 4),
    },
    NoticeKind.REVIEW_DECISION: {
        **EVERY,
        "notice_number": "示例〔1912〕第1号",
        "stated_on": date(1912, 3, 4),
        "outcome": ReviewOutcome.UPHELD,
        "reasons": "演示理由",
    },
    NoticeKind.DETERMINATION: {
        **EVERY,
        **FOUND,
        "notice_number": "示例〔1912〕第1号",
        "served_on": date(1912, 2, 20),
        "term": Term(),
        "unrectified": UnrectifiedPolicy.STAYS,
        **shipped().of("示例").facts,
    },
    NoticeKind.REPAIR_CERTIFICATE: {
        **EVERY,
        "determination_number": "示例〔1911〕第1号",
        "determined_on": date(1911, 8, 30),
        "published_on": date(1911, 9, 1),
        "ends_on": date(1912, 3, 1),
        "rectified_on": date(1911, 12, 1),
    },
}
AMENDED = ReviewOutcome.AMENDED
NEEDED = [(kind, name) for kind, facts in FACTS.items() for name in facts]
ANNEX = {"addressee", "window", "channel", "conduct", "department", "telephone", "issued_on"}


def shown(kind: NoticeKind, **other: Any) -> dict[str, str | tuple[str, ...]]:
    return {item.name: item.text for item in items(draft(kind, {**FACTS[kind], **other}))}


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_contains_all_of_its_facts(kind: NoticeKind):
    notice = draft(kind, FACTS[kind])
    assert notice.kind is kind
    assert type(notice) is FORMS[kind]
    assert {item.name for item in items(notice)} == set(FACTS[kind])


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_fact_has_a_chinese_label_and_a_clause(kind: NoticeKind):
    items = labels_of(FORMS[kind])
    assert set(items) == {each.name for each in fields(FORMS[kind])}
    for each in items.values():
        assert each.zh
        assert not each.zh.isascii()
        assert each.clause[0] in "345A"


def test_the_notice_of_the_annex_names_what_the_annex_names():
    """[A]: the listing intended and the right to answer are the template's words; all else is a fact."""
    assert set(FACTS[NoticeKind.NOTICE]) >= ANNEX


@pytest.mark.parametrize(("kind", "name"), NEEDED)
@pytest.mark.parametrize("gap", ["absent", "none", "blank"])
def test_a_notice_without_a_fact_is_refused_by_the_name_of_the_fact(kind: NoticeKind, name: str, gap: str):
    facts = dict(FACTS[kind])
    if gap == "absent":
        del facts[name]
    else:
        facts[name] = None if gap == "none" else (" ",) if name == "documents" else " "
    with pytest.raises(FactMissing) as refused:
        draft(kind, facts)
    assert refused.value.names == (name,)
    assert refused.value.clause == kind.clause
    assert labels_of(FORMS[kind])[name].zh in refused.value.message_zh


@pytest.mark.parametrize("kind", NoticeKind)
def test_all_missing_facts_are_named_at_once(kind: NoticeKind):
    with pytest.raises(FactMissing) as refused:
        draft(kind, {})
    assert set(refused.value.names) == set(FACTS[kind])


@pytest.mark.parametrize(
    ("case", "kind", "other", "missing"),
    [
        ("by post, by its number [5.1.4(2)]", "RECEIPT_OF_SERVICE", {"means": ServiceMeans.BY_POST}, "postal_number"),
        ("amended, and into what [5.1.4(4)]", "REVIEW_DECISION", {"outcome": AMENDED, "basis": "甲"}, "conduct"),
        ("amended, and on which basis [5.1.4(4)]", "REVIEW_DECISION", {"outcome": AMENDED, "conduct": "甲"}, "basis"),
        ("a blank among the documents [5.1.2c]", "REMINDER", {"documents": ("材料一", "")}, "documents"),
        ("no document is missing [5.1.2c]", "REMINDER", {"documents": ()}, "documents"),
        ("a blank legal document [5.1.3]", "DETERMINATION", {"legal_documents": ("甲", " ")}, "legal_documents"),
    ],
)  # fmt: skip
def test_a_fact_that_the_others_call_for(case: str, kind: str, other: dict[str, Any], missing: str):
    with pytest.raises(FactMissing) as refused:
        shown(NoticeKind(kind), **other)
    assert refused.value.names == (missing,), case


@pytest.mark.parametrize(
    ("case", "kind", "other", "refusal"),
    [
        ("a reminder on the promised day is too early [5.1.2c]",
         "REMINDER", {"promised_on": date(1912, 3, 5)}, DayOutOfOrder(date(1912, 3, 6))),
        ("a review before the statement [5.1.4(4)]",
         "REVIEW_DECISION", {"stated_on": date(1912, 3, 6)}, DayOutOfOrder(date(1912, 3, 6))),
        ("a determination before service [5.1.4(3)]",
         "DETERMINATION", {"served_on": date(1912, 3, 6)}, DayOutOfOrder(date(1912, 3, 6))),
        ("seven months without a law [5.1.5]",
         "DETERMINATION", {"term": Term(months=7)}, Lacking(PERIOD_NEEDS_CITATION)),
        ("a certificate on the last day in force [5.1.5]",
         "REPAIR_CERTIFICATE", {"ends_on": date(1912, 3, 5)}, DayOutOfOrder(date(1912, 3, 6))),
        ("a certificate before rectification [5.1.5]",
         "REPAIR_CERTIFICATE", {"rectified_on": date(1912, 3, 6)}, DayOutOfOrder(date(1912, 3, 6))),
        ("published before it was determined [5.1.5]",
         "REPAIR_CERTIFICATE", {"determined_on": date(1911, 9, 2)}, DayOutOfOrder(date(1911, 9, 2))),
        ("ended before it was published [5.1.5]",
         "REPAIR_CERTIFICATE", {"ends_on": date(1911, 8, 31)}, DayOutOfOrder(date(1911, 9, 1))),
    ],
)  # fmt: skip
def test_facts_that_do_not_fit_together(case: str, kind: str, other: dict[str, Any], refusal: CreditError):
    with pytest.raises(type(refusal)) as refused:
        shown(NoticeKind(kind), **other)
    assert refused.value.args == refusal.args, case


@pytest.mark.parametrize(
    ("case", "kind", "other"),
    [
        ("a reminder on the day after the promised one", "REMINDER", {"promised_on": date(1912, 3, 4)}),
        ("a review on the day of the statement", "REVIEW_DECISION", {"stated_on": date(1912, 3, 5)}),
        ("a certificate from the day after the last one on", "REPAIR_CERTIFICATE", {"ends_on": date(1912, 3, 4)}),
        ("rectified after the period, confirmed today", "REPAIR_CERTIFICATE", {"rectified_on": date(1912, 3, 5)}),
        ("a longer period with its law", "DETERMINATION", {"term": Term(months=12, citation="演示法第一条")}),
    ],
)
def test_facts_that_just_fit(case: str, kind: str, other: dict[str, Any]):
    assert shown(NoticeKind(kind), **other), case


@pytest.mark.parametrize(
    ("kind", "other", "name", "text"),
    [
        ("NOTICE", {}, "issued_on", "1912年3月5日"),
        ("NOTICE", {}, "channel", "群众举报核查"),
        ("NOTICE", {"subject_kind": SubjectKind.LEGAL_PERSON}, "subject_kind", "法人"),
        ("RECEIPT_OF_SERVICE", {}, "document", "政务服务失信制约认定告知书"),
        ("REMINDER", {}, "documents", ("材料一", "材料二")),
        ("DETERMINATION", {}, "term", "自公布之日起6个月"),
        ("DETERMINATION", {"term": Term(12, citation=" 演示法 ")}, "term", "自公布之日起12个月（依据：演示法）"),
        ("DETERMINATION", {"term": Term(None, date(1912, 6, 1))}, "term", "自公布之日起至1912年6月1日"),
        ("DETERMINATION", {"unrectified": UnrectifiedPolicy.LAPSE}, "unrectified", "制约随管理期限届满而终止"),
    ],
)
def test_how_facts_are_printed(kind: str, other: dict[str, Any], name: str, text: str | tuple[str, ...]):
    assert shown(NoticeKind(kind), **other)[name] == text


@pytest.mark.parametrize("kind", NoticeKind)
def test_neither_a_notice_nor_its_items_nor_a_refusal_shows_whom_it_is_about(kind: NoticeKind):
    notice = draft(kind, FACTS[kind])
    assert "演示" not in repr(notice) + repr(items(notice))
    with pytest.raises(FactMissing) as refused:
        draft(kind, {**FACTS[kind], "telephone": ""})
    assert "演示甲" not in repr(refused.value) + str(refused.value) + refused.value.message_zh


def test_kinds_are_labelled_choices():
    assert all(isinstance(kind, Labelled) and kind.zh and kind.clause for kind in NoticeKind)


def test_a_fact_that_no_notice_knows_is_a_slip_of_the_caller():
    with pytest.raises(TypeError):
        draft(NoticeKind.NOTICE, {**FACTS[NoticeKind.NOTICE], "id_number": "x"})
