"""The written notices, and the facts that each one needs [A] [5.1.2c] [5.1.4] [5.1.5].

A notice is a frozen record of facts, each with its Chinese label and its clause; the template has the wording. A notice
that lacks a fact cannot be made: FactMissing names all missing facts, by label and never by value. `draft` accepts
incomplete facts and checks them; the classes themselves enforce the same rules.

    draft(NoticeKind.REMINDER, {"addressee": …, "matter": …})    ->  Reminder, or FactMissing(number, department, …)
    items(notice)                                                ->  Item("matter", "申请事项", "4.2.2", "…"), …
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Final, get_type_hints

from credit.cases.case import ReviewOutcome, ServiceMeans
from credit.cases.refusals import DayOutOfOrder
from credit.cases.rules.term import Term
from credit.cases.status import Circumstance, CollectionChannel, UnrectifiedPolicy
from credit.core.labels import Labelled
from credit.notices.refusals import FactMissing
from credit.subjects.subject import KIND_ZH, SubjectKind

_DAY: Final = timedelta(days=1)


class NoticeKind(Labelled):
    """The documents that a person gets in the course of a case."""

    NOTICE = "NOTICE", "政务服务失信制约认定告知书", "A"
    RECEIPT_OF_SERVICE = "RECEIPT_OF_SERVICE", "送达回证", "5.1.4(2)"
    REMINDER = "REMINDER", "容缺材料催告书", "5.1.2c"
    REVIEW_DECISION = "REVIEW_DECISION", "陈述申辩复核决定书", "5.1.4(4)"
    DETERMINATION = "DETERMINATION", "政务服务失信制约认定决定书", "5.1.5"
    REPAIR_CERTIFICATE = "REPAIR_CERTIFICATE", "政务服务信用修复证明", "5.1.5"


@dataclass(frozen=True, slots=True)
class FactLabel:
    """How a fact is presented: its label, and the clause that requires it."""

    zh: str
    clause: str


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """A fact as it is printed. A list of values stays a list."""

    name: str
    zh: str
    clause: str
    text: str | tuple[str, ...]

    def __repr__(self) -> str:
        return f"Item({self.name!r})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Notice:
    """The facts of every notice. Its `repr` shows no fact: the addressee is a person."""

    kind: ClassVar[NoticeKind]
    number: Annotated[str, FactLabel("文号", "5.1.3")]
    addressee: Annotated[str, FactLabel("当事人", "A")]
    subject_kind: Annotated[SubjectKind, FactLabel("当事人类型", "A")]
    department: Annotated[str, FactLabel("认定部门", "5.1.1")]
    telephone: Annotated[str, FactLabel("联系电话", "A")]
    issued_on: Annotated[date, FactLabel("日期", "A")]

    def __post_init__(self) -> None:
        # An optional fact may be absent, but a blank in a list is an error.
        values = {each.name: (getattr(self, each.name), each.default) for each in fields(self)}
        self._require(*(name for name, (value, otherwise) in values.items() if value != otherwise and _is_blank(value)))
        self._check()

    def __repr__(self) -> str:
        return f"<{self.kind.value}>"

    def _check(self) -> None:
        """Refuse facts that do not fit together; each kind has its own."""

    def _require(self, *names: str) -> None:
        if names:
            label = labels_of(type(self))
            raise FactMissing(self.kind, names, tuple(label[name].zh for name in names))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ListingNotice(Notice):
    """The notice of the annex: what was found, what is intended, and the right to answer [A] [5.1.4(2)].

    The period to answer runs from receipt, a day that is not known yet: it is stated as 3 working days, not as a date.
    """

    kind = NoticeKind.NOTICE
    window: Annotated[str, FactLabel("部门窗口", "A")]
    channel: Annotated[CollectionChannel, FactLabel("发现途径", "5.1.3")]
    circumstance: Annotated[Circumstance, FactLabel("认定情形", "5.1.2")]
    conduct: Annotated[str, FactLabel("行为事实", "A")]
    basis: Annotated[str, FactLabel("依据", "5.1.3")]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReceiptOfService(Notice):
    """The sheet that proves service [5.1.4(2)]. The recipient signs and dates it by hand."""

    kind = NoticeKind.RECEIPT_OF_SERVICE
    document: Annotated[NoticeKind, FactLabel("送达文书", "5.1.4(2)")]
    document_number: Annotated[str, FactLabel("送达文书文号", "5.1.4(2)")]
    means: Annotated[ServiceMeans, FactLabel("送达方式", "5.1.4(2)")]
    postal_number: Annotated[str | None, FactLabel("邮件编号", "5.1.4(2)")] = None

    def _check(self) -> None:
        if self.means is ServiceMeans.BY_POST and _is_blank(self.postal_number):
            self._require("postal_number")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReminderNotice(Notice):
    """The formal demand for deferred documents, once the promised day has passed [5.1.2c]."""

    kind = NoticeKind.REMINDER
    window: Annotated[str, FactLabel("部门窗口", "A")]
    application_number: Annotated[str, FactLabel("办件编号", "4.2.2")]
    matter: Annotated[str, FactLabel("申请事项", "4.2.2")]
    documents: Annotated[tuple[str, ...], FactLabel("尚缺材料", "4.2.2")]
    promised_on: Annotated[date, FactLabel("承诺补交日期", "4.2.2")]

    def _check(self) -> None:
        _not_before(self.promised_on + _DAY, self.issued_on)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReviewDecision(Notice):
    """The answer to a statement: upheld, amended or dropped, and why [5.1.4(4)].

    If it amends, it has the facts and the basis as the case has them now; *amendment* may say more in the reviewer's
    words.
    """

    kind = NoticeKind.REVIEW_DECISION
    notice_number: Annotated[str, FactLabel("告知书文号", "5.1.4(2)")]
    stated_on: Annotated[date, FactLabel("陈述申辩日期", "5.1.4(3)")]
    outcome: Annotated[ReviewOutcome, FactLabel("复核结果", "5.1.4(4)")]
    reasons: Annotated[str, FactLabel("复核理由", "5.1.4(4)")]
    conduct: Annotated[str | None, FactLabel("变更后的失信事实", "5.1.4(4)")] = None
    basis: Annotated[str | None, FactLabel("变更后的认定依据", "5.1.4(4)")] = None
    amendment: Annotated[str | None, FactLabel("变更说明", "5.1.4(4)")] = None

    def _check(self) -> None:
        if self.outcome is ReviewOutcome.AMENDED:
            self._require(*(name for name in ("conduct", "basis") if _is_blank(getattr(self, name))))
        _not_before(self.stated_on, self.issued_on)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DeterminationDecision(Notice):
    """The determination, with the basic information that its addressee has a right to [5.1.3] [5.1.5].

    It says where it can be contested and until when [ARL art. 20, 24] [ALL art. 46].
    """

    kind = NoticeKind.DETERMINATION
    notice_number: Annotated[str, FactLabel("告知书文号", "5.1.4(2)")]
    served_on: Annotated[date, FactLabel("告知书送达日期", "5.1.4(2)")]
    circumstance: Annotated[Circumstance, FactLabel("认定情形", "5.1.2")]
    conduct: Annotated[str, FactLabel("失信事实", "5.1.3")]
    basis: Annotated[str, FactLabel("认定依据", "5.1.3")]
    term: Annotated[Term, FactLabel("管理期限", "5.1.5")]
    unrectified: Annotated[UnrectifiedPolicy, FactLabel("期满未整改", "5.1.5")]
    reconsideration_days: Annotated[int, FactLabel("行政复议期限（日）", "5.1.1")]
    reconsideration_body: Annotated[str, FactLabel("行政复议机关", "5.1.1")]
    reconsideration_law: Annotated[str, FactLabel("行政复议依据", "5.1.1")]
    litigation_months: Annotated[int, FactLabel("起诉期限（月）", "5.1.1")]
    court: Annotated[str, FactLabel("管辖法院", "5.1.1")]
    litigation_law: Annotated[str, FactLabel("行政诉讼依据", "5.1.1")]
    legal_documents: Annotated[tuple[str, ...], FactLabel("法律文书", "5.1.3")] = ()

    def _check(self) -> None:
        _not_before(self.served_on, self.issued_on)
        self.term.require_citation()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RepairCertificate(Notice):
    """Certifies that a restraint has ended by repair: rectified, and its period over without a new breach [5.1.5].

    A restraint that lapsed by the deployment's setting has ended too, but gets no certificate: it was not rectified.
    """

    kind = NoticeKind.REPAIR_CERTIFICATE
    determination_number: Annotated[str, FactLabel("认定决定书文号", "5.1.5")]
    determined_on: Annotated[date, FactLabel("认定日期", "5.1.3")]
    published_on: Annotated[date, FactLabel("公布日期", "5.1.5")]
    ends_on: Annotated[date, FactLabel("管理期限届满日", "5.1.5")]
    rectified_on: Annotated[date, FactLabel("整改确认日期", "5.1.5")]

    def _check(self) -> None:
        _not_before(self.determined_on, self.published_on)
        _not_before(self.published_on, self.ends_on)
        # The restraint is still in force on its last day [5.1.5].
        _not_before(max(self.ends_on + _DAY, self.rectified_on), self.issued_on)


FORMS: Final[Mapping[NoticeKind, type[Notice]]] = {
    form.kind: form
    for form in (
        ListingNotice,
        ReceiptOfService,
        ReminderNotice,
        ReviewDecision,
        DeterminationDecision,
        RepairCertificate,
    )
}
"""The class of each kind."""


UNRECTIFIED_ZH: Final[dict[UnrectifiedPolicy, str]] = {
    UnrectifiedPolicy.STAYS: "制约延续至整改得到确认",
    UnrectifiedPolicy.LAPSE: "制约随管理期限届满而终止",
}
"""The sentence of a determination on a breach that is not rectified, by the deployment's own setting [5.1.5]."""


def draft(kind: NoticeKind, facts: Mapping[str, object]) -> Notice:
    """Return the notice of these facts. Raises FactMissing for those that are absent, None or blank."""
    form: Any = FORMS[kind]
    needed = {each.name: None for each in fields(form) if each.default is MISSING}
    notice: Notice = form(**{**needed, **facts})
    return notice


def labels_of(form: type[Notice]) -> dict[str, FactLabel]:
    """Return the label of each fact of a form, in its order."""
    hints = get_type_hints(form, include_extras=True)
    return {each.name: hints[each.name].__metadata__[0] for each in fields(form)}


def items(notice: Notice) -> tuple[NoticeItem, ...]:
    """Return the facts of a notice as they are printed; absent ones are left out."""
    values = ((name, label, getattr(notice, name)) for name, label in labels_of(type(notice)).items())
    return tuple(
        NoticeItem(name, label.zh, label.clause, _text(value)) for name, label, value in values if not _is_blank(value)
    )


def _text(value: object) -> str | tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(str(each) for each in value)
    return _words(value)


def _words(value: object) -> str:
    match value:
        case Labelled():
            return value.zh
        case SubjectKind():
            return KIND_ZH[value]
        case UnrectifiedPolicy():
            return UNRECTIFIED_ZH[value]
        case date():
            return _day(value)
        case Term():
            return _term(value)
    return str(value)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _term(term: Term) -> str:
    length = f"自公布之日起{term.months}个月" if term.until is None else f"自公布之日起至{_day(term.until)}"
    return f"{length}（依据：{term.citation.strip()}）" if term.citation and term.citation.strip() else length


def _is_blank(value: object) -> bool:
    """Return whether the value is blank. A list with a gap counts as blank."""
    if isinstance(value, tuple):
        return not value or any(_is_blank(each) for each in value)
    return value is None or (isinstance(value, str) and not value.strip())


def _not_before(first: date, day: date) -> None:
    if day < first:
        raise DayOutOfOrder(first)
