"""Records about subjects and their consent as tables: who they are, who acts for them, who read what [5.1.6]."""

from collections.abc import Mapping
from typing import Final

from gateway.exchange.tabled import WHO, Kind

OF_SUBJECTS: Final[Mapping[str, Kind]] = {
    "subjects": Kind(
        "申报主体",
        "restraintCases",
        {
            "名称（姓名）": "subject.name",
            "主体类型": "subject.kind",
            "统一社会信用代码（身份证号）": "subject.identifier",
            "注册地址（住址）": "subject.address",
            "联系电话": "subject.phone",
            "所属镇街": "subject.area.name",
        },
        ("changedSince", "DateTime"),
        ("名称（姓名）",),
        is_distinct=True,
    ),
    "authorisations": Kind(
        "授权",
        "myAuthorisations",
        {
            **WHO,
            "用途": "purpose",
            "接收单位": "recipient.name",
            "办件编号": "application.number",
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
    "delegations": Kind(
        "委托授权（本人）",
        "mySubject",
        {
            "名称（姓名）": "name",
            "证件号码": "identifier",
            "受托账号": "delegations.delegate",
            "委托凭证": "delegations.evidence",
            "委托时间": "delegations.grantedAt",
            "截止日期": "delegations.expiresOn",
            "撤回时间": "delegations.withdrawnAt",
        },
        None,
        ("委托时间", "受托账号"),
        "delegations",
        is_one=True,
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
