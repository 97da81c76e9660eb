"""No local determination under a national penalty memorandum, nor while that is unknown [3.3]."""

import pytest

from credit.cases.refusals import MemorandumUnknown, UnderMemorandum
from credit.cases.rules.memoranda import require_not_governed
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, SourceAnswer, Unanswered
from tests.refusals import refuses

NAME = "关于对示例领域失信主体实施联合惩戒的合作备忘录"
PENALTY, REWARD = MemorandumKind.PENALTY, MemorandumKind.REWARD


def answer(finding, memorandum=None, **more):
    return SourceAnswer(Source.JOINT_MEASURES, Finding(finding), memorandum, **more)


@pytest.mark.parametrize(
    ("clause", "given", "refusal"),
    [
        ("[3.3] no memorandum", answer("CLEAN"), None),
        ("[3.3] an adverse record is no memorandum", answer("ADVERSE"), None),
        ("[3.3] a reward memorandum bars nothing", answer("GOVERNED", NAME, kind=REWARD), None),
        ("[3.3] a penalty memorandum governs", answer("GOVERNED", NAME, kind=PENALTY), UnderMemorandum),
        ("[3.3] without a kind it counts as one of penalties", answer("GOVERNED", NAME), UnderMemorandum),
        ("[3.3] unknown is not none", answer("UNKNOWN"), MemorandumUnknown),
        ("[3.3] unreachable", answer("UNKNOWN", reason=Unanswered.UNREACHABLE), MemorandumUnknown),
        ("[3.3] not configured", answer("UNKNOWN", reason=Unanswered.NOT_CONFIGURED), MemorandumUnknown),
    ],
)
def test_which_answers_let_a_case_be_determined(clause, given, refusal):
    if refusal is None:
        require_not_governed(given)
        return
    with refuses(refusal) as refused:
        require_not_governed(given)
    assert refused.value.clause == "3.3"
    assert refused.value.remedy
    assert refused.value.remedy_zh


def test_the_memorandum_is_named_in_both_languages():
    with refuses(UnderMemorandum) as refused:
        require_not_governed(answer("GOVERNED", NAME))
    assert refused.value.memorandum == NAME
    assert NAME in refused.value.message
    assert NAME in refused.value.message_zh
