"""A specimen of each notice, to preview a template. All facts are plainly synthetic."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from credit.cases.case import ReviewOutcome, ServiceMeans
from credit.cases.rules.term import SIX_MONTHS
from credit.cases.status import Circumstance, CollectionChannel, UnrectifiedPolicy
from credit.notices.facts import Notice, NoticeKind, draft
from credit.subjects.subject import SubjectKind

_BASIS: Final = "临政管办发〔2022〕3号第五部分（示例）"
_EVERY: Final[Mapping[str, object]] = {
    "number": "示例信告〔1912〕第1号",
    "addressee": "演示甲",
    "subject_kind": SubjectKind.NATURAL_PERSON,
    "department": "演示部门",
    "telephone": "0000-0000000",
    "issued_on": date(1912, 3, 5),
}
_OF_KIND: Final[Mapping[NoticeKind, Mapping[str, object]]] = {
    NoticeKind.NOTICE: {
        "window": "演示部门1号窗口",
        "channel": CollectionChannel.FACT_FINDING,
        "circumstance": Circumstance.FALSE_MATERIAL,
        "conduct": "申请演示事项时提交的演示材料，经核实与事实不符。",
        "basis": _BASIS,
    },
    NoticeKind.RECEIPT_OF_SERVICE: {
        "document": NoticeKind.NOTICE,
        "document_number": "示例信告〔1912〕第1号",
        "means": ServiceMeans.ON_THE_SPOT,
    },
    NoticeKind.REMINDER: {
        "window": "演示部门1号窗口",
        "application_number": "YS-1912-0001",
        "matter": "演示事项",
        "documents": ("演示材料一", "演示材料二"),
        "promised_on": date(1912, 3, 1),
    },
    NoticeKind.REVIEW_DECISION: {
        "notice_number": "示例信告〔1912〕第1号",
        "stated_on": date(1912, 3, 4),
        "outcome": ReviewOutcome.AMENDED,
        "conduct": "申请演示事项时提交的演示材料，经复核，其中一份与事实不符。",
        "basis": _BASIS,
        "amendment": "演示事实中的日期予以更正。",
        "reasons": "演示甲所述日期属实，其余事实有演示材料为证。",
    },
    NoticeKind.DETERMINATION: {
        "notice_number": "示例信告〔1912〕第1号",
        "served_on": date(1912, 2, 20),
        "circumstance": Circumstance.FALSE_MATERIAL,
        "conduct": "申请演示事项时提交的演示材料，经核实与事实不符。",
        "basis": _BASIS,
        "term": SIX_MONTHS,
        "unrectified": UnrectifiedPolicy.STAYS,
        "reconsideration_days": 60,
        "reconsideration_body": "演示区人民政府",
        "reconsideration_law": "《中华人民共和国行政复议法》第二十条、第二十四条",
        "litigation_months": 6,
        "court": "演示区人民法院",
        "litigation_law": "《中华人民共和国行政诉讼法》第四十六条",
        "legal_documents": ("演示笔录", "演示核查表"),
    },
    NoticeKind.REPAIR_CERTIFICATE: {
        "determination_number": "示例信认〔1911〕第1号",
        "determined_on": date(1911, 8, 30),
        "published_on": date(1911, 9, 1),
        "ends_on": date(1912, 3, 1),
        "rectified_on": date(1911, 12, 1),
    },
}


def sample(kind: NoticeKind, **other: object) -> Notice:
    """Return the specimen of a kind, with *other* facts in place of the given ones."""
    return draft(kind, {**_EVERY, **_OF_KIND[kind], **other})
