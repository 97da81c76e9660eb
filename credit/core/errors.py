"""What the rules refuse.

    CreditError
    ├── NotWellFormed           a value that is not what it should be; carries its flaw
    │   ├── InvalidIdNumber
    │   ├── InvalidSocialCreditCode
    │   └── InvalidItem         any other item: name, phone, date …
    ├── SeveralProblems         everything that is wrong at once, by field
    │   ├── RegistrationRefused
    │   ├── RowRefused
    │   └── StepNotWellFormed
    ├── CalendarError
    │   ├── CalendarNotLoaded   no table of working days for that year
    │   └── CalendarRefused     a table that contradicts itself
    ├── WithWayOut              says also what can be done instead: `credit/incentives/refusals.py` draws its tree
    ├── InconsistentFacts       dated facts that cannot stand together
    ├── UnknownCase             the same for what is not there and for what is not the caller's
    ├── CaseChangedMeanwhile    somebody was faster
    └── ProcedureRefused        a step that the procedure [5.1] does not allow: see credit/cases/refusals.py

Each has a stable *code*, a *message* in English and a *message_zh* in Chinese. None of them quotes a value: what is
refused may be an identity number.
"""

from dataclasses import dataclass

from credit.core.flaws import Flaw


class CreditError(Exception):
    """Any refusal of this room."""

    code: str = "CREDIT_ERROR"
    message: str = "The request is refused by the rules of credit management."
    message_zh: str = "不符合政务服务信用管理规则。"

    def __str__(self) -> str:
        return self.message


class NotWellFormed(CreditError):
    """A value that is not what it should be. The *flaw* says why, without the value."""

    code = "NOT_WELL_FORMED"
    subject_zh = ""
    subject_en = ""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.message = f"{self.subject_en}{flaw.message}"
        self.message_zh = f"{self.subject_zh}{flaw.message_zh}"


class InvalidIdNumber(NotWellFormed):
    """Not an identity number by [GB 11643]."""

    code = "INVALID_ID_NUMBER"
    subject_en = "Not a valid ID number. "
    subject_zh = "身份证号码无效："


class InvalidSocialCreditCode(NotWellFormed):
    """Not a unified social credit code by [GB 32100]."""

    code = "INVALID_SOCIAL_CREDIT_CODE"
    subject_en = "Not a valid unified social credit code. "
    subject_zh = "统一社会信用代码无效："


class InvalidItem(NotWellFormed):
    """Any other item that is not well formed. Its code is that of its flaw."""

    code = "INVALID_ITEM"

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.code = flaw.value


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field: an argument's name, or a column's canonical header."""

    field: str
    code: str
    message: str
    message_zh: str

    @property
    def header(self) -> str:
        """The same as *field*, in the word of whoever reads a file."""
        return self.field

    @classmethod
    def of(cls, field: str, error: CreditError) -> "Problem":
        """Say where *error* was found."""
        return cls(field, error.code, error.message, error.message_zh)


class SeveralProblems(CreditError):
    """Everything that is wrong at once, so that nobody has to try again and again."""

    code = "SEVERAL_PROBLEMS"
    intro_en = "Refused: "
    intro_zh = "被拒绝："

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(*(f"{problem.field} {problem.code}" for problem in problems))
        self.problems = problems
        self.message = self.intro_en + " ".join(f"{problem.field}: {problem.message}" for problem in problems)
        self.message_zh = self.intro_zh + "".join(f"{problem.field}：{problem.message_zh}" for problem in problems)


class RegistrationRefused(SeveralProblems):
    """The particulars of a subject do not hold together."""

    code = "REGISTRATION_REFUSED"
    intro_en = "The subject cannot be registered. "
    intro_zh = "无法登记该主体。"


class RowRefused(SeveralProblems):
    """A row of basic information [5.1.3] that cannot be taken in."""

    code = "ROW_REFUSED"
    intro_en = "The row cannot be taken in. "
    intro_zh = "本行无法导入。"


class CalendarError(CreditError):
    """Something about the table of working days."""

    code = "CALENDAR_ERROR"


class CalendarNotLoaded(CalendarError):
    """No table of working days for *year*: the State Council's notice is not out, or not entered yet."""

    code = "CALENDAR_NOT_LOADED"

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year
        self.message = f"The working days of {year} are not known yet."
        self.message_zh = f"{year}年的工作日安排尚未载入。"


class CalendarRefused(CalendarError):
    """A calendar file that contradicts itself. *file* is its name without folder."""

    code = "CALENDAR_REFUSED"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(file, why)
        self.file = file
        self.message = f"The calendar {file} is refused: {why}"
        self.message_zh = f"工作日历文件{file}无法使用。"


class InconsistentFacts(CreditError):
    """Dated facts that cannot stand together, which the database should never have let in."""

    code = "INCONSISTENT_FACTS"
    message = "The recorded dates contradict one another."
    message_zh = "记录的日期相互矛盾。"


class UnknownCase(CreditError):
    """Raised alike for what does not exist and for what is not the caller's: the answer is no oracle [5.1.6]."""

    code = "NOT_FOUND"
    message = "There is no such record."
    message_zh = "没有该记录。"


class CaseChangedMeanwhile(CreditError):
    """Another step was taken since the case was read; nothing was done."""

    code = "VERSION_CONFLICT"
    message = "The case changed in the meantime; read it again and repeat."
    message_zh = "该案件刚刚发生变更，请刷新后重试。"


class StepNotWellFormed(SeveralProblems):
    """What is said about a step is not well formed."""

    code = "STEP_NOT_WELL_FORMED"
    intro_en = "The step cannot be recorded. "
    intro_zh = "无法登记该步骤。"
