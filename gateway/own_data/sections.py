"""What a copy of one's own data consists of: the same tables that are exported, each with the list it comes from."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.import_export.exporting.table_spec import ExportTable
from gateway.import_export.exporting.tables import KINDS

PERSON: Final = "subject"
"""The section about the subject itself, which is read first: it says whether there is one."""
_PERSON: Final = ExportTable(
    "本人信息",
    "mySubject",
    {
        "名称（姓名）": "name",
        "主体类型": "kind",
        "证件号码": "identifier",
        "联系电话": "phone",
        "注册地址（住址）": "address",
        "所属镇街": "area.name",
        "是否处于失信制约": "isRestrained",
    },
    is_one=True,
)
_LISTS: Final = (
    "cases", "applications", "credit-checks", "deferrals", "commitments", "authorisations", "objections",
    "corrections", "consultation-replies", "delegations", "notifications", "access-log",
)  # fmt: skip
SECTIONS: Final[Mapping[str, ExportTable]] = {
    name: replace(table, identity="id: canonicalId")
    for name, table in {PERSON: _PERSON, **{name: KINDS[name] for name in _LISTS}}.items()
}
"""The sections in the order of a copy. Each list takes the argument `subject`. Ids are canonical."""
