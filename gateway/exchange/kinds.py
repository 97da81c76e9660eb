"""The kinds of record that can be written out as a table: for each its list at the counter, and its columns [6.2].

A column is a header and a path of the schema. The selection, and how a value is written, follow from the path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_WHO: Final = {"名称（姓名）": "subject.name", "证件号码": "subject.identifier"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its *title* in Chinese, the *root* that lists it, and its columns, header to path.

    *since* is the root's argument for what is new, with its type.
    """

    title: str
    root: str
    columns: Mapping[str, str]
    since: tuple[str, str] | None = None
    order: Sequence[str] = field(default=())
    """The headers by which the rows of a file are sorted: pages may come in the order of random ids."""

    @property
    def selection(self) -> str:
        """Return the fields of the columns, as GraphQL wants them."""
        return _selected(sorted({tuple(path.split(".")) for path in self.columns.values()}))


KINDS: Final[Mapping[str, Kind]] = {
    "cases": Kind(
        "失信制约案件",
        "restraintCases",
        {
            "案件编号": "number",
            "状态": "status",
            **_WHO,
            "认定情形": "circumstance",
            "采集途径": "channel",
            "认定单位": "department.name",
            "承办人": "handler",
            "复核人": "reviewer",
            "采集日期": "collectedOn",
            "核实时间": "verifiedAt",
            "告知日期": "noticedOn",
            "告知期限": "noticeDueOn.on",
            "送达日期": "servedOn",
            "陈述申辩日期": "statedOn",
            "复核日期": "reviewedOn",
            "复核期限": "reviewDueOn.on",
            "认定日期": "determinedOn",
            "公布日期": "publishedOn",
            "有效期": "endsOn",
            "整改日期": "rectifiedOn",
            "是否在管理期限内": "inForce",
            "是否逾期": "isOverdue",
            "更新时间": "changedAt",
        },
        ("changedSince", "DateTime"),
        ("采集日期", "案件编号"),
    ),
    "applications": Kind(
        "办件",
        "applications",
        {
            **_WHO,
            "事项": "matter.name",
            "事项编码": "matter.code",
            "办理部门": "department.name",
            "办理方式": "facilitation",
            "申请时间": "filedAt",
            "受理时间": "acceptedAt",
            "办结时间": "decidedAt",
            "办理结果": "outcome",
            "状态": "status",
        },
        ("filedSince", "DateTime"),
        ("申请时间", "事项编码"),
    ),
    "authorisations": Kind(
        "授权",
        "myAuthorisations",
        {
            **_WHO,
            "用途": "purpose",
            "接收单位": "recipient.name",
            "范围": "scope",
            "方式": "means",
            "请求时间": "requestedAt",
            "同意时间": "grantedAt",
            "生效日期": "startsOn",
            "截止日期": "expiresOn",
            "可用次数": "usesAllowed",
            "已用次数": "usesMade",
            "拒绝时间": "refusedAt",
            "缩小时间": "narrowedAt",
            "撤回时间": "withdrawnAt",
            "异议时间": "contestedAt",
            "是否纸质": "isOnPaper",
            "状态": "status",
        },
        None,
        ("请求时间", "接收单位"),
    ),
    "access-log": Kind(
        "访问记录",
        "myAccessLog",
        {
            "时间": "at",
            "部门": "department.name",
            "经办账号": "actor",
            "角色": "role",
            "用途": "purpose",
            "依据": "basis",
            "条款": "citation",
            "查看的字段": "fieldsShown.field",
            "显示方式": "fieldsShown.form",
        },
        ("since", "DateTime"),
        ("时间",),
    ),
}


def _selected(paths: Sequence[tuple[str, ...]]) -> str:
    """Return *paths*, which are sorted, as one selection: `subject { identifier name } status`."""
    parts: list[str] = []
    heads = dict.fromkeys(path[0] for path in paths)
    for head in heads:
        below = [path[1:] for path in paths if path[0] == head and len(path) > 1]
        parts.append(f"{head} {{ {_selected(below)} }}" if below else head)
    return " ".join(parts)
