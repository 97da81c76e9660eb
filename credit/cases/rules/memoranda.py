"""A national penalty memorandum comes before a local determination [3.3]."""

from credit.cases.refusals import MemorandumUnknown, UnderMemorandum
from credit.joint_measures.source_answer import Finding, SourceAnswer


def require_not_governed(answer: SourceAnswer) -> None:
    """Refuse to determine a case whose subject a penalty memorandum governs, or while that is not known [3.3].

    **Reading**: local measures neither add to such a memorandum nor soften it. A reward memorandum bars nothing, and an
    adverse record of the joint module is none. Facts may be collected, verified and heard whatever governs.
    """
    if answer.finding is Finding.UNKNOWN:
        raise MemorandumUnknown
    if answer.bearing is Finding.GOVERNED and answer.memorandum is not None:
        raise UnderMemorandum(answer.memorandum)
