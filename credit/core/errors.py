"""What the rules refuse.

    CreditError                 has a *reason*, and the *facts* that fill its sentences
    ├── NotWellFormed           a value that is not what it should be; carries its flaw
    │   ├── InvalidIdNumber
    │   ├── InvalidSocialCreditCode
    │   └── InvalidItem         any other item: name, phone, date …
    ├── SeveralProblems         everything that is wrong at once, by field
    │   ├── RegistrationRefused
    │   ├── RowRefused
    │   └── StepNotWellFormed
    │       └── NamedInClear
    ├── CalendarError
    │   ├── CalendarNotLoaded   no table of working days for that year
    │   └── CalendarRefused     a table that contradicts itself
    ├── InconsistentFacts       dated facts that cannot stand together
    ├── UnknownCase             the same for what is not there and for what is not the caller's
    ├── CaseChangedMeanwhile    somebody was faster
    ├── RecordContradictsLedger what a decision rests on is not what the ledger says
    └── the branches of a topic: its `refusals.py` draws them, and has their reasons below them

None of them quotes a value: what is refused may be an identity number.
"""

from dataclasses import dataclass
from uuid import UUID

from credit.core.flaw_remedies import REMEDIES
from credit.core.flaws import Flaw
from credit.core.refusals import Phrase, Reason, in_chinese, in_english


class CreditError(Exception):
    """Any refusal of the rules.

    A branch with one reason names it in its class; other branches are raised with a reason.

    Its *code* is stable; *message* and *remedy* are English, *message_zh* and *remedy_zh* Chinese.
    """

    reason: Reason

    def __init__(self, reason: Reason | None = None, **facts: object) -> None:
        self.reason = reason = reason or self.reason
        super().__init__(reason.code)
        self.code = reason.code
        self.clause = reason.clause
        self.message, self.message_zh = in_english(reason.english, facts), in_chinese(reason.chinese, facts)
        self.remedy = in_english(reason.remedy_english, facts)
        self.remedy_zh = in_chinese(reason.remedy_chinese, facts)

    def __str__(self) -> str:
        return self.message


class NotWellFormed(CreditError):
    """A value that is not well formed. The *flaw* says why, without the value."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw=Phrase(flaw.message, flaw.message_zh))
        self.flaw = flaw
        self.remedy, self.remedy_zh = REMEDIES[flaw].english, REMEDIES[flaw].chinese


class InvalidIdNumber(NotWellFormed):
    """Not an identity number by [GB 11643]."""

    reason = Reason("INVALID_ID_NUMBER", "5.1.3", "Not a valid ID number. {flaw}", "身份证号码无效：{flaw}")


class InvalidSocialCreditCode(NotWellFormed):
    """Not a unified social credit code by [GB 32100]."""

    reason = Reason("INVALID_SOCIAL_CREDIT_CODE", "5.1.3",
        "Not a valid unified social credit code. {flaw}", "统一社会信用代码无效：{flaw}")  # fmt: skip


class InvalidItem(NotWellFormed):
    """Any other item that is not well formed. Its code is that of its flaw."""

    def __init__(self, flaw: Flaw) -> None:
        self.reason = Reason(flaw.value, "5.1.3", "{flaw}", "{flaw}")
        super().__init__(flaw)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem with one field: an argument's name, or a column's canonical header."""

    field: str
    code: str
    message: str
    message_zh: str
    remedy: str
    remedy_zh: str

    @classmethod
    def of(cls, field: str, error: CreditError) -> "Problem":
        """Return the problem of *error* in *field*."""
        return cls(field, error.code, error.message, error.message_zh, error.remedy, error.remedy_zh)


class SeveralProblems(CreditError):
    """All problems at once, so that one attempt shows them all."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        english = " ".join(f"{problem.field}: {problem.message}" for problem in problems)
        chinese = "".join(f"{problem.field}：{problem.message_zh}" for problem in problems)
        super().__init__(problems=Phrase(english, chinese))
        self.problems = problems


class RegistrationRefused(SeveralProblems):
    """The particulars of a subject are wrong or contradict each other."""

    reason = Reason("REGISTRATION_REFUSED", "5.1.3",
        "The subject cannot be registered. {problems}", "无法登记该主体。{problems}")  # fmt: skip


class RowRefused(SeveralProblems):
    """A row of basic information [5.1.3] that cannot be imported."""

    reason = Reason("ROW_REFUSED", "5.1.3", "The row cannot be taken in. {problems}", "本行无法导入。{problems}")


class StepNotWellFormed(SeveralProblems):
    """The details of a step are not well formed."""

    reason = Reason("STEP_NOT_WELL_FORMED", "5.1.3",
        "The step cannot be recorded. {problems}", "无法登记该步骤。{problems}")  # fmt: skip

    @classmethod
    def of(cls, field: str, flaw: Flaw) -> "StepNotWellFormed":
        """Return the refusal of a step with one wrong field."""
        return cls((Problem.of(field, InvalidItem(flaw)),))


class NamedInClear(StepNotWellFormed):
    """An item in clear names the subject on record: the refusal confirms the name to who wrote it."""

    def __init__(self, field: str, subject_id: UUID) -> None:
        super().__init__((Problem.of(field, InvalidItem(Flaw.HOLDS_PERSONAL_DATA)),))
        self.subject_id = subject_id


class CalendarError(CreditError):
    """A problem with the table of working days."""


class CalendarNotLoaded(CalendarError):
    """No table of working days for *year*: the State Council's notice is not out, or not entered yet."""

    reason = Reason("CALENDAR_NOT_LOADED", "5.1.4(3)",
        "The working days of {year} are not known yet.", "{year}年的工作日安排尚未载入。")  # fmt: skip

    def __init__(self, year: int) -> None:
        super().__init__(year=year)
        self.year = year


class CalendarRefused(CalendarError):
    """A calendar file that contradicts itself. *file* is its name without folder."""

    reason = Reason("CALENDAR_REFUSED", "5.1.4(3)",
        "The calendar {file} is refused: {why}", "工作日历文件{file}无法使用。")  # fmt: skip

    def __init__(self, file: str, why: str) -> None:
        super().__init__(file=file, why=why)
        self.file = file


class InconsistentFacts(CreditError):
    """Dated facts that contradict each other; the database should not have accepted them."""

    reason = Reason("INCONSISTENT_FACTS", "5.1", "The recorded dates contradict one another.", "记录的日期相互矛盾。")


class UnknownCase(CreditError):
    """Raised both for what does not exist and for what is not the caller's, so the answer reveals nothing [5.1.6]."""

    reason = Reason("NOT_FOUND", "5.1.6", "There is no such record.", "没有该记录。")


class CaseChangedMeanwhile(CreditError):
    """Another step was taken since the case was read; nothing was done."""

    reason = Reason("VERSION_CONFLICT", "5.1",
        "The case changed in the meantime; read it again and repeat.",
        "该案件刚刚发生变更，请刷新后重试。")  # fmt: skip


class RecordContradictsLedger(CreditError):
    """What a decision rests on differs from its entries in the ledger: somebody changed it past the acts [5.1.6]."""

    reason = Reason("RECORD_CONTRADICTS_LEDGER", "5.1.6",
        "The record differs from the ledger. Nothing was decided on it.",
        "该记录与账本不一致，系统未据此作出任何决定。",
        "Inform the operator of the system: 'chengxin ledger audit' names what differs. Meanwhile the application goes "
        "through the ordinary channel.",
        "请通知系统运维人员运行“chengxin ledger audit”查明差异；在此期间，相关事项按普通程序办理。")  # fmt: skip
