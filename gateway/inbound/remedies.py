"""What the sender of a message can do about each reason, in Chinese and English [5.1.3]."""

from collections.abc import Mapping, Sequence
from typing import Final

from credit.core.flaw_remedies import REMEDIES, FlawRemedy
from credit.core.flaws import Flaw
from gateway.import_export.errors import RowFlaw
from gateway.inbound.parse import Reason

_BY_A_PERSON: Final = FlawRemedy(
    "A person at the department will check the message; correct it and send it under a new key.",
    "该消息由认定单位人工核对；请更正后以新的标识重新推送。",
)
_OF_A_NUMBER: Final = REMEDIES[Flaw.CHECK_CHARACTER]
_SAME_CASE: Final = FlawRemedy(
    "The case is on record already; give another case its own number.", "该案件已登记；其他案件请使用各自的编号。"
)
_ONCE_RESTORED: Final = FlawRemedy(
    "Tell the department's operator; send the case under a new key once the value is restored.",
    "请联系认定单位的系统管理员；数据恢复后以新的标识重新推送。",
)
_FORM: Final = FlawRemedy("Write the message as docs/city-platform.md shows it.", "请按平台对接说明的格式编写消息。")
WAYS_OUT: Final[Mapping[str, FlawRemedy]] = {
    **{flaw.value: remedy for flaw, remedy in REMEDIES.items()},
    **{flaw.value: FlawRemedy(flaw.remedy, flaw.remedy_zh) for flaw in RowFlaw},
    # A push cannot confirm a name.
    RowFlaw.NAME_CONFLICT.value: _BY_A_PERSON,
    RowFlaw.DAMAGED.value: _ONCE_RESTORED,
    "INVALID_ID_NUMBER": _OF_A_NUMBER,
    "INVALID_SOCIAL_CREDIT_CODE": _OF_A_NUMBER,
    "CASE_ON_RECORD": _SAME_CASE,
    "NUMBER_TAKEN": _SAME_CASE,
    **dict.fromkeys(("UNKNOWN_SCHEMA", "UNKNOWN_ITEM", "NOT_TEXT", "BAD_JSON", "DUPLICATE_KEY"), _FORM),
}


def explained(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    """Return each reason with its way out, as JSON-ready values."""
    return [
        {"item": item, "code": code, "wayOut": way_out.chinese, "wayOutEn": way_out.english}
        for item, code in reasons
        for way_out in (WAYS_OUT.get(code, _BY_A_PERSON),)
    ]
