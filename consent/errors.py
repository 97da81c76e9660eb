"""Every way in which consent says no. The class is the reason, `code` its stable name on the wire.

ConsentError
├── OutOfBounds     NoTemplate · ScopeTooWide · ScopeTooSmall · PeriodTooLong(latest) · PeriodInThePast
│                   TooManyUses(most) · NoUses · ApplicationNotNamed · NotForLife
├── NotNow          AlreadyAnswered · RequestLapsed · NotLive · AlreadyWithdrawn · AlreadyContested
├── AskedBefore     (until): asked for and not granted, and not enough time has passed
├── NotNarrower     CannotWiden · NothingNarrowed · UsesAlreadyMade(made)
├── BadEvidence     EvidenceMissing · EvidenceNotAReference · NotOnPaper
├── NotAdmitted     NotYours · AskerCannotAnswer · MayNotAsk
├── NotFound        the same for what is not there and for what is not the caller's
├── Collision       VersionConflict · KeyReused
└── NotCanonical    a bug of ours: a fact that cannot be written down in one way only

Messages are for whoever reads the answer; they hold bounds and dates of templates, never a particular of a person.
"""
# ruff: noqa: D101 - a refusal is named by its reason (STYLE 5), and `says` tells it in one sentence

from datetime import date
from typing import ClassVar


class ConsentError(Exception):
    """The base of every refusal of this room. *facts* fill the sentences, and are bounds or dates only."""

    code: ClassVar[str] = "CONSENT_REFUSED"
    says: ClassVar[str] = "Consent does not allow this."
    says_zh: ClassVar[str] = "授权规则不允许此操作。"

    def __init__(self, **facts: object) -> None:
        self.message = self.says.format(**facts)
        self.message_zh = self.says_zh.format(**facts)
        super().__init__(self.message)


# --- the bounds of a template --------------------------------------------------------------------------------------


class OutOfBounds(ConsentError):
    """The template of the purpose does not allow so much [5.1.6]."""

    code = "OUT_OF_BOUNDS"


class NoTemplate(OutOfBounds):
    """The purpose runs on statute, or on the subject's own right: nobody can be asked to authorise it."""

    code = "NO_TEMPLATE"
    says = "This purpose does not rest on consent; there is nothing to authorise."
    says_zh = "该用途不以授权为依据，无需授权，也不得索取授权。"


class ScopeTooWide(OutOfBounds):
    code = "SCOPE_TOO_WIDE"
    says = "The scope is wider than this purpose needs."
    says_zh = "授权范围超出该用途所需。"


class ScopeTooSmall(OutOfBounds):
    """An authorisation that cannot serve its purpose should not stand: refuse or withdraw it instead."""

    code = "SCOPE_TOO_SMALL"
    says = "With this scope the purpose cannot be served; refuse or withdraw the authorisation instead."
    says_zh = "缩小到该范围后无法实现用途，请直接拒绝或撤回授权。"


class PeriodTooLong(OutOfBounds):
    code = "PERIOD_TOO_LONG"
    says = "The authorisation would hold too long; its last day can be {latest} at the latest."
    says_zh = "授权期限过长，最迟可至{latest}。"

    def __init__(self, latest: date) -> None:
        self.latest = latest
        super().__init__(latest=latest.isoformat())


class PeriodInThePast(OutOfBounds):
    code = "PERIOD_IN_THE_PAST"
    says = "The last day of the authorisation lies in the past."
    says_zh = "授权截止日期早于今天。"


class TooManyUses(OutOfBounds):
    code = "TOO_MANY_USES"
    says = "The authorisation can be used {most} times at most."
    says_zh = "授权使用次数最多为{most}次。"

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(most=most)


class NoUses(OutOfBounds):
    code = "NO_USES"
    says = "An authorisation is for one use at least; refuse or withdraw it instead."
    says_zh = "授权使用次数至少为一次；如不同意，请直接拒绝或撤回授权。"


class ApplicationNotNamed(OutOfBounds):
    """By default an authorisation is for a single application; whoever wants more says until when and how often."""

    code = "APPLICATION_NOT_NAMED"
    says = "Name the application, or state both the last day and the number of uses."
    says_zh = "请注明所对应的办件，或者同时写明截止日期和使用次数。"


class NotForLife(OutOfBounds):
    """A template, or a setting, whose bounds come to no end, or to none that makes sense [5.1.6]."""

    code = "NOT_FOR_LIFE"
    says = "A template must bound its scope, its uses and its days, and the days to {ceiling} at most."
    says_zh = "授权模板须限定范围、次数和期限，期限不得超过{ceiling}天。"

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        super().__init__(ceiling=ceiling)


# --- the state of an authorisation ---------------------------------------------------------------------------------


class NotNow(ConsentError):
    """The authorisation has come too far, or not far enough."""

    code = "NOT_NOW"


class AlreadyAnswered(NotNow):
    code = "ALREADY_ANSWERED"
    says = "The request has already been answered."
    says_zh = "该授权请求已经答复。"


class RequestLapsed(NotNow):
    """Silence is not consent, and does not become it later."""

    code = "REQUEST_LAPSED"
    says = "The request was not answered in time and has lapsed."
    says_zh = "该授权请求逾期未答复，已失效。"


class NotLive(NotNow):
    code = "NOT_LIVE"
    says = "The authorisation is not in force."
    says_zh = "该授权未生效或已失效。"


class AlreadyWithdrawn(NotNow):
    code = "ALREADY_WITHDRAWN"
    says = "The authorisation has already been withdrawn."
    says_zh = "该授权已经撤回。"


class AlreadyContested(NotNow):
    code = "ALREADY_CONTESTED"
    says = "The paper authorisation has already been contested."
    says_zh = "该纸质授权已经提出异议。"


class AskedBefore(ConsentError):
    """The same was asked before and not granted. Whether it was refused or never answered is nobody's business."""

    code = "ASKED_BEFORE"
    says = "The same was asked before and not granted; it may not be asked again until {until} has passed."
    says_zh = "已就同一用途请求过授权，尚未取得同意，{until}前（含当日）不得再次请求。"

    def __init__(self, until: date) -> None:
        self.until = until
        super().__init__(until=until.isoformat())


# --- narrowing -----------------------------------------------------------------------------------------------------


class NotNarrower(ConsentError):
    """What the subject already gave can only become less."""

    code = "NOT_NARROWER"


class CannotWiden(NotNarrower):
    code = "CANNOT_WIDEN"
    says = "An authorisation cannot be widened or prolonged; a new one must be asked for."
    says_zh = "授权不得扩大范围、延长期限或增加次数，需要时应另行请求授权。"


class NothingNarrowed(NotNarrower):
    code = "NOTHING_NARROWED"
    says = "This would leave the authorisation as it is."
    says_zh = "所填内容与现有授权相同，未作缩减。"


class UsesAlreadyMade(NotNarrower):
    code = "USES_ALREADY_MADE"
    says = "The authorisation has already been used {made} times; withdraw it to end it."
    says_zh = "该授权已使用{made}次；如需终止，请撤回授权。"

    def __init__(self, made: int) -> None:
        self.made = made
        super().__init__(made=made)


# --- paper ---------------------------------------------------------------------------------------------------------


class BadEvidence(ConsentError):
    """Paper consent stands and falls with its evidence [5.1.6]."""

    code = "BAD_EVIDENCE"


class EvidenceMissing(BadEvidence):
    code = "EVIDENCE_MISSING"
    says = "Paper consent is recorded only with a reference to its evidence."
    says_zh = "登记纸质授权必须附授权书凭证编号。"


class EvidenceNotAReference(BadEvidence):
    """The evidence is a file number: shown, logged and committed to, so it may hold no identity number."""

    code = "EVIDENCE_NOT_A_REFERENCE"
    says = "The evidence must be a short reference and may not contain an identity number."
    says_zh = "凭证编号应为简短的档案编号，不得包含身份证件号码。"


class NotOnPaper(BadEvidence):
    code = "NOT_ON_PAPER"
    says = "Only an authorisation recorded from paper can be contested; withdraw this one instead."
    says_zh = "只有由工作人员登记的纸质授权可以提出异议；本授权可以直接撤回。"


# --- who -----------------------------------------------------------------------------------------------------------


class NotAdmitted(ConsentError):
    """The caller, in this role, cannot do this to any authorisation: says nothing about whether one exists."""

    code = "NOT_ADMITTED"


class NotYours(NotAdmitted):
    code = "NOT_YOURS"
    says = "Only the subject, or a delegate whose authority is recorded, decides on an authorisation."
    says_zh = "只有本人或者经登记的受托人可以处理授权。"


class AskerCannotAnswer(NotAdmitted):
    code = "ASKER_CANNOT_ANSWER"
    says = "Whoever asked for an authorisation cannot grant it as well."
    says_zh = "请求授权的人不得同时代为同意授权。"


class MayNotAsk(NotAdmitted):
    code = "MAY_NOT_ASK"
    says = "In this role an authorisation for this purpose cannot be asked for or recorded."
    says_zh = "当前身份不得为该用途请求或者登记授权。"


# --- the rest ------------------------------------------------------------------------------------------------------


class NotFound(ConsentError):
    """Raised alike for what does not exist and for what is not the caller's: the answer is no oracle."""

    code = "NOT_FOUND"
    says = "There is no such record."
    says_zh = "没有该记录。"


class Collision(ConsentError):
    """Somebody was faster; nothing was done."""

    code = "COLLISION"


class VersionConflict(Collision):
    code = "VERSION_CONFLICT"
    says = "The authorisation changed in the meantime; read it again and repeat."
    says_zh = "该授权刚刚发生变更，请刷新后重试。"


class KeyReused(Collision):
    code = "KEY_REUSED"
    says = "This idempotency key was already used for a different request."
    says_zh = "该幂等键已用于另一请求。"


class NotCanonical(ConsentError):
    code = "NOT_CANONICAL"
    says = "The entry holds a value that has no canonical form."
    says_zh = "条目中存在无法规范化的值。"
