"""The notice that a subject is shown: its words, its only written form, and its digest [5.1.6] [PIPL 17]."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from consent.notices.shown_notices import ShownNotice, notice_of
from consent.vocabulary import FieldGroup, Purpose
from tests.consent.samples import requested

NAME = "临淄区行政审批服务局"


def test_it_says_who_asks_for_what_how_how_long_and_what_the_subject_can_do():
    asked = replace(requested(), expires_on=date(2026, 4, 4), uses_allowed=3, recipient_code="LZ-SPFW")
    lines = notice_of(asked, NAME).lines
    assert lines[:2] == (
        "请求方：临淄区行政审批服务局（LZ-SPFW）。", "用途：办理申请前查询信用状况，判断能否适用守信激励。",
    )  # fmt: skip
    assert lines[2] == f"方式：{asked.means}"
    assert lines[3:5] == (
        "信息范围：身份信息、是否处于失信制约及其情形、日期。",
        "期限：至2026年4月4日（含当日），最多使用3次；到期不自动延长。",
    )
    assert ["拒绝" in lines[5], "撤回" in lines[6], "访问记录" in lines[7], len(lines)] == [True, True, True, 8]


def test_its_written_form_has_one_digest_and_is_read_back():
    notice = ShownNotice(("甲。", "乙。"))
    assert notice.text == '{"language":"zh-CN","lines":["甲。","乙。"],"type":"authorisation-notice/1"}'
    assert notice.digest == sha256(notice.text.encode()).hexdigest()
    assert ShownNotice.of_text(notice.text) == notice


@pytest.mark.parametrize(
    "differs",
    [
        {"purpose": Purpose.CONSULTATION}, {"groups": FieldGroup.RESTRAINT}, {"expires_on": date(2026, 4, 5)},
        {"uses_allowed": 2}, {"recipient_code": "LZ-WJJ"}, {"means": "另一种方式。"},
    ],
    ids=lambda differs: next(iter(differs)),
)  # fmt: skip
def test_whatever_is_asked_differently_is_another_notice(differs):
    asked = requested()
    assert notice_of(asked, NAME).digest != notice_of(replace(asked, **differs), NAME).digest
    assert notice_of(asked, NAME).digest != notice_of(asked, f"{NAME}（新）").digest
