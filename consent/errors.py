"""What consent refuses: the branches, and below them their reasons.

    ConsentError
    ├── OutOfBounds    the template of the purpose does not allow so much
    ├── NotNow         the authorisation has come too far, or not far enough
    ├── AskedBefore    asked for and not granted, and not enough time has passed
    ├── NotNarrower    what the subject gave can only become less
    ├── BadEvidence    paper consent is only as good as its evidence
    ├── NotDelegable   an authority to act that cannot be recorded like this
    ├── NotAdmitted    the caller, in this role, cannot do this to any authorisation
    ├── NotFound       the same for what is not there and for what is not the caller's
    ├── Collision      somebody was faster; nothing was done
    ├── LedgerRefused  what a log, a witness or a proof says is not accepted, for a flaw that it names; below it
    │                  NoteRefused · CheckpointRefused · ProofRefused · EdgeRefused · PolicyFileRefused
    │                  TileRefused · LogPromiseRefused · SystemEntryRefused · ReceiptRefused
    └── NotCanonical   a bug of ours: a fact that cannot be written down in one way only

A *branch* is what code catches and what GraphQL shows as a type; a new reason is a new row below it. Messages are shown
to the caller; they contain bounds and dates of templates, never personal data.
"""

from dataclasses import dataclass
from datetime import date

from consent.ledger.flaws import LedgerFlaw


@dataclass(frozen=True, slots=True)
class ConsentReason:
    """One reason to refuse: its stable code, its clause, and a sentence in both languages.

    Sentences name their facts as `{until}`: bounds and dates only.
    """

    code: str
    clause: str
    english: str
    chinese: str


class ConsentError(Exception):
    """Any refusal of consent.

    A branch with one reason names it in its class; other branches are raised with a reason.
    """

    reason: ConsentReason

    def __init__(self, reason: ConsentReason | None = None, **facts: object) -> None:
        self.reason = reason = reason or self.reason
        self.code = reason.code
        self.message, self.message_zh = reason.english.format_map(facts), reason.chinese.format_map(facts)
        super().__init__(self.message)


class OutOfBounds(ConsentError):
    """The template of the purpose does not allow so much [5.1.6]."""


class NotNow(ConsentError):
    """The status of the authorisation does not allow this step: it is too late, or too early."""


class AskedBefore(ConsentError):
    """The same was requested before and not granted.

    The error does not say whether it was refused or never answered.
    """

    reason = ConsentReason("ASKED_BEFORE", "5.1.6",
        "The same was asked before and not granted; it may not be asked again until {until} has passed.",
        "已就同一用途请求过授权，尚未取得同意，{until}前（含当日）不得再次请求。")  # fmt: skip

    def __init__(self, until: date) -> None:
        super().__init__(until=until)
        self.until = until


class NotNarrower(ConsentError):
    """What the subject already gave can only become less."""


class BadEvidence(ConsentError):
    """Paper consent is only as good as its evidence [5.1.6]."""


class NotDelegable(ConsentError):
    """An authority to act for a subject that cannot be recorded like this: its kind, evidence, scope or term."""


class NotAdmitted(ConsentError):
    """The caller, in this role, cannot do this to any authorisation. The error does not say whether one exists."""


class NotFound(ConsentError):
    """Raised both for what does not exist and for what is not the caller's, so the answer reveals nothing."""

    reason = ConsentReason("NOT_FOUND", "5.1.6", "There is no such record.", "没有该记录。")


class Collision(ConsentError):
    """Another caller was faster; nothing was done."""


class LedgerRefused(ConsentError):
    """Something of a log is refused for its *flaw*. Its branches say what was refused."""

    def __init__(self, flaw: LedgerFlaw) -> None:
        super().__init__(flaw=flaw.message, flaw_zh=flaw.message_zh)
        self.flaw = flaw


def _refused(code: str, english: str, chinese: str) -> ConsentReason:
    """Return the reason of a branch of LedgerRefused, by what is refused."""
    return ConsentReason(code, "5.1.6", f"{english} is refused: {{flaw}}.", f"{chinese}不被接受：{{flaw_zh}}。")


class NoteRefused(LedgerRefused):
    """A signed note or a key that is not well formed, or a signature that does not verify."""

    reason = _refused("NOTE_REFUSED", "The signed note", "签名文本")


class CheckpointRefused(LedgerRefused):
    """The head of a tree that is not well formed, or not cosigned as it must be."""

    reason = _refused("CHECKPOINT_REFUSED", "The checkpoint", "检查点")


class ProofRefused(LedgerRefused):
    """A proof that does not prove what it claims."""

    reason = _refused("PROOF_REFUSED", "The proof", "该证明")

    def __init__(self, flaw: LedgerFlaw = LedgerFlaw.NOT_PROVED) -> None:
        super().__init__(flaw)


class EdgeRefused(LedgerRefused):
    """The right edge of a tree that does not fit its size."""

    reason = _refused("EDGE_REFUSED", "The right edge of a tree", "树的右边缘")


class TileRefused(LedgerRefused):
    """A tile whose path or content is not well formed, or that is not of the tree that it should be of."""

    reason = _refused("TILE_REFUSED", "The tile", "账本分块")


class PolicyFileRefused(LedgerRefused):
    """A file of trusted logs and witnesses that is not well formed."""

    reason = _refused("POLICY_FILE_REFUSED", "The policy of logs and witnesses", "日志与见证方策略")


class LogPromiseRefused(LedgerRefused):
    """A promise of a log that is not well formed, or does not cover the entry."""

    reason = _refused("LOG_PROMISE_REFUSED", "The promise of the log", "日志收录承诺")


class SystemEntryRefused(LedgerRefused):
    """An entry of the log `system` that is not well formed."""

    reason = _refused("SYSTEM_ENTRY_REFUSED", "The entry of the system's log", "系统日志条目")


class ReceiptRefused(LedgerRefused):
    """A receipt that is not well formed, or says something else than its record."""

    reason = _refused("RECEIPT_REFUSED", "The receipt", "该回执")


class NotCanonical(ConsentError):
    """A bug in the program: a fact that has no unique written form."""

    reason = ConsentReason("NOT_CANONICAL", "5.1.6",
        "The entry holds a value that has no canonical form.", "条目中存在无法规范化的值。")  # fmt: skip


# fmt: off
# --- OutOfBounds: the bounds of a template -------------------------------------------------------------------------

# The purpose rests on statute or on the subject's own right, so no authorisation can be requested for it.
NO_TEMPLATE = ConsentReason("NO_TEMPLATE", "5.1.6",
    "This purpose does not rest on consent; there is nothing to authorise.",
    "该用途不以授权为依据，无需授权，也不得索取授权。")
SCOPE_TOO_WIDE = ConsentReason("SCOPE_TOO_WIDE", "5.1.6",
    "The scope is wider than this purpose needs.", "授权范围超出该用途所需。")
# An authorisation that cannot serve its purpose is refused.
SCOPE_TOO_SMALL = ConsentReason("SCOPE_TOO_SMALL", "5.1.6",
    "With this scope the purpose cannot be served; refuse or withdraw the authorisation instead.",
    "缩小到该范围后无法实现用途，请直接拒绝或撤回授权。")
PERIOD_TOO_LONG = ConsentReason("PERIOD_TOO_LONG", "5.1.6",
    "The authorisation would hold too long; its last day can be {latest} at the latest.",
    "授权期限过长，最迟可至{latest}。")
PERIOD_IN_THE_PAST = ConsentReason("PERIOD_IN_THE_PAST", "5.1.6",
    "The last day of the authorisation lies in the past.", "授权截止日期早于今天。")
TOO_MANY_USES = ConsentReason("TOO_MANY_USES", "5.1.6",
    "The authorisation can be used {most} times at most.", "授权使用次数最多为{most}次。")
NO_USES = ConsentReason("NO_USES", "5.1.6",
    "An authorisation is for one use at least; refuse or withdraw it instead.",
    "授权使用次数至少为一次；如不同意，请直接拒绝或撤回授权。")
# By default an authorisation is for a single application.
APPLICATION_NOT_NAMED = ConsentReason("APPLICATION_NOT_NAMED", "5.1.6",
    "Name the application, or state both the last day and the number of uses.",
    "请注明所对应的办件，或者同时写明截止日期和使用次数。")
# Only what a department looks up for an application can be offered with the application.
NOT_FOR_AN_APPLICATION = ConsentReason("NOT_FOR_AN_APPLICATION", "5.1.6",
    "An authorisation for this purpose is not given with an application.", "该用途的授权不随办件作出。")
# Also raised for a setting whose bounds give no end, or none that makes sense.
NOT_FOR_LIFE = ConsentReason("NOT_FOR_LIFE", "5.1.6",
    "A template must bound its scope, its uses and its days, and the days to {ceiling} at most.",
    "授权模板须限定范围、次数和期限，期限不得超过{ceiling}天。")

# --- NotNow: the state of an authorisation -------------------------------------------------------------------------

ALREADY_ANSWERED = ConsentReason("ALREADY_ANSWERED", "5.1.6",
    "The request has already been answered.", "该授权请求已经答复。")
NOTICE_NOT_SHOWN = ConsentReason("NOTICE_NOT_SHOWN", "5.1.6",
    "A request is granted by naming the notice that was shown: read it, and give its digest.",
    "同意授权须注明所展示的授权告知书，请先查看告知书，并填写其摘要。")
NOTICE_CHANGED = ConsentReason("NOTICE_CHANGED", "5.1.6",
    "The notice that was shown is not the one in force: read the request again, and answer what it says.",
    "所展示的授权告知书已有变动，请重新查看授权请求后再答复。")
# Silence is not consent, and does not become consent later.
REQUEST_LAPSED = ConsentReason("REQUEST_LAPSED", "5.1.6",
    "The request was not answered in time and has lapsed.", "该授权请求逾期未答复，已失效。")
NOT_LIVE = ConsentReason("NOT_LIVE", "5.1.6", "The authorisation is not in force.", "该授权未生效或已失效。")
ALREADY_WITHDRAWN = ConsentReason("ALREADY_WITHDRAWN", "5.1.6",
    "The authorisation has already been withdrawn.", "该授权已经撤回。")
DELEGATION_ENDED = ConsentReason("DELEGATION_ENDED", "5.1.6",
    "The delegation has already ended.", "该代理已经终止。")
END_IT_INSTEAD = ConsentReason("END_IT_INSTEAD", "5.1.6",
    "Only a guardianship is contested; end this delegation instead.",
    "只有监护登记可以提出异议；该代理可以直接终止。")
GUARDIANSHIP_CONTESTED_BEFORE = ConsentReason("GUARDIANSHIP_CONTESTED_BEFORE", "5.1.6",
    "This guardianship was contested before; who disagrees with the decision turns to the court.",
    "该监护登记已经提出过异议；对处理结果不服的，可以向人民法院提出。")
GUARDIANSHIP_NOT_IN_DISPUTE = ConsentReason("GUARDIANSHIP_NOT_IN_DISPUTE", "5.1.6",
    "This guardianship is not contested, or the contest was decided.",
    "该监护登记未被提出异议，或者异议已经处理。")
ALREADY_CONTESTED = ConsentReason("ALREADY_CONTESTED", "5.1.6",
    "The paper authorisation has already been contested.", "该纸质授权已经提出异议。")

NOT_CONTESTED = ConsentReason("NOT_CONTESTED", "5.1.6",
    "The authorisation was not contested.", "该授权未被提出异议。")
CONTEST_ALREADY_DECIDED = ConsentReason("CONTEST_ALREADY_DECIDED", "5.1.6",
    "The contest has already been decided.", "该异议已经处理。")
NOT_WAITING = ConsentReason("NOT_WAITING", "5.1.6",
    "The authorisation does not wait for a second person.", "该授权无需确认或者已经失效。")
CONTEST_OPEN = ConsentReason("CONTEST_OPEN", "5.1.6",
    "The subject's contest of another paper has to be decided first.", "当事人对另一纸质授权的异议尚未处理，应先处理。")

# What a recipient received may be used as long as the authorisation is in force.
STILL_IN_FORCE = ConsentReason("STILL_IN_FORCE", "5.1.6",
    "What was received may still be used; acknowledge its deletion from {since} on.",
    "所收到的信息仍在可使用的期限内，请自{since}起登记删除。")
DELETION_ACKNOWLEDGED_BEFORE = ConsentReason("DELETION_ACKNOWLEDGED_BEFORE", "5.1.6",
    "This deletion has already been acknowledged; there is nothing left to do.",
    "该项删除已经登记，无需重复办理。")

# --- NotNarrower ---------------------------------------------------------------------------------------------------

CANNOT_WIDEN = ConsentReason("CANNOT_WIDEN", "5.1.6",
    "An authorisation cannot be widened or prolonged; a new one must be asked for.",
    "授权不得扩大范围、延长期限或增加次数，需要时应另行请求授权。")
NOTHING_NARROWED = ConsentReason("NOTHING_NARROWED", "5.1.6",
    "This would leave the authorisation as it is.", "所填内容与现有授权相同，未作缩减。")
USES_ALREADY_MADE = ConsentReason("USES_ALREADY_MADE", "5.1.6",
    "The authorisation has already been used {made} times; withdraw it to end it.",
    "该授权已使用{made}次；如需终止，请撤回授权。")

# --- BadEvidence: paper --------------------------------------------------------------------------------------------

EVIDENCE_MISSING = ConsentReason("EVIDENCE_MISSING", "5.1.6",
    "Paper consent is recorded only with a reference to its evidence.", "登记纸质授权必须附授权书凭证编号。")
# The evidence is a file number: shown, logged and committed to.
EVIDENCE_NOT_A_REFERENCE = ConsentReason("EVIDENCE_NOT_A_REFERENCE", "5.1.6",
    "The evidence must be a short reference and may not contain an identity number.",
    "凭证编号应为简短的档案编号，不得包含身份证件号码。")
SIGNED_IN_FUTURE = ConsentReason("SIGNED_IN_FUTURE", "5.1.6",
    "The paper bears a day that lies in the future.", "授权书签署日期晚于今天。")
# What a person signed long ago is no consent to what is looked up today.
SIGNED_TOO_LONG_AGO = ConsentReason("SIGNED_TOO_LONG_AGO", "5.1.6",
    "The paper was signed more than {days} days ago; ask the subject again.",
    "授权书签署已超过{days}天，请重新征得当事人同意。")
POSTED_IN_FUTURE = ConsentReason("POSTED_IN_FUTURE", "5.1.6",
    "The paper came on a day that lies in the future.", "书面材料的交寄日期晚于今天。")
# What it answers: a request, an authorisation from its first day, or a recorded guardianship.
POSTED_TOO_EARLY = ConsentReason("POSTED_TOO_EARLY", "5.1.6",
    "The paper came before what it answers, which is of {since}.", "书面材料的交寄日期早于其所针对事项的日期{since}。")
# What is kept after its purpose ended is kept by a law, and by nothing else [PIPL 47].
KEPT_WITHOUT_GROUND = ConsentReason("KEPT_WITHOUT_GROUND", "5.1.6",
    "What is not deleted is kept by a law only: give the number of its ground.",
    "不予删除的，须有法律、行政法规规定的保存依据，请填写依据的文号。")
FILE_UNKNOWN = ConsentReason("FILE_UNKNOWN", "5.1.6",
    "No file of yours with this reference waits here, and none belongs to this record.",
    "没有您上传的该编号文件，本记录中也没有该文件。")
NOT_ON_PAPER = ConsentReason("NOT_ON_PAPER", "5.1.6",
    "Only an authorisation recorded from paper can be contested; withdraw this one instead.",
    "只有由工作人员登记的纸质授权可以提出异议；本授权可以直接撤回。")

# --- NotDelegable: delegations -------------------------------------------------------------------------------------

# Guardians and close relatives are those of persons; an officer is that of an organisation.
KIND_DOES_NOT_FIT = ConsentReason("KIND_DOES_NOT_FIT", "5.1.6",
    "A subject of this kind has no such delegate; choose another kind.", "该类主体没有此类代理人，请改选类型。")
# An agent's power of attorney is an act of a person with full capacity [Civil Code 20, 21].
GUARDIAN_ACTS = ConsentReason("GUARDIAN_ACTS", "5.1.6",
    "For a person without full capacity a guardian acts; record the guardian instead.",
    "该主体不具有完全民事行为能力，由监护人代理，请登记监护关系。")
AUTHORITY_NOT_SHOWN = ConsentReason("AUTHORITY_NOT_SHOWN", "5.1.6",
    "A delegation is recorded and ended by an office only with a reference to its evidence.",
    "登记或者由登记单位终止代理须附证明材料编号。")
# The death certificate and the proof of kinship [PIPL 49].
KINSHIP_NOT_SHOWN = ConsentReason("KINSHIP_NOT_SHOWN", "5.1.6",
    "A close relative is recorded with two papers at least: the proof of death and the proof of kinship.",
    "登记近亲属须同时附死亡证明和亲属关系证明的编号。")
NOT_A_REFERENCE = ConsentReason("NOT_A_REFERENCE", "5.1.6",
    "Evidence and delegate are short references; an identity number may not be among them.",
    "证明材料和受托账号应为简短的编号，不得包含身份证件号码。")
SCOPE_NOT_NAMED = ConsentReason("SCOPE_NOT_NAMED", "5.1.6",
    "Name the groups of data that the delegate may see.", "请注明受托人可以查看的信息范围。")
# A close relative of the dead gives no consent and makes no defence [PIPL 49].
POWER_NOT_OF_KIND = ConsentReason("POWER_NOT_OF_KIND", "5.1.6",
    "A delegate of this kind cannot have so much power.", "此类代理人不得享有所填的全部权限。")
STARTS_IN_THE_PAST = ConsentReason("STARTS_IN_THE_PAST", "5.1.6",
    "Only a guardianship can have begun before it is recorded.", "除监护关系外，代理的起始日期不得早于今天。")
TERM_OUT_OF_BOUNDS = ConsentReason("TERM_OUT_OF_BOUNDS", "5.1.6",
    "The last day can be {latest} at the latest, and not before the first day or today.",
    "截止日期最迟为{latest}，且不得早于起始日期和今天。")
# The day is not quoted: it is the ward's birthday.
WARD_OF_AGE_BEFORE = ConsentReason("WARD_OF_AGE_BEFORE", "5.1.6",
    "A guardian of a minor acts until the ward is of age at the longest; choose an earlier last day.",
    "未成年人的监护人代理至被监护人年满十八周岁为止，请提前截止日期。")
GUARDIANSHIP_IN_DISPUTE = ConsentReason("GUARDIANSHIP_IN_DISPUTE", "5.1.6",
    "A guardianship of this subject is contested; that has to be decided first.",
    "该主体的监护登记已被提出异议，应先处理异议。")
ANOTHER_PERSON_RECORDS = ConsentReason("ANOTHER_PERSON_RECORDS", "5.1.6",
    "You recorded an authority for this subject that never held, or that it ended; somebody else records the next one.",
    "您为该主体登记的代理或者监护关系经查不成立，或者已由本人终止，应由其他人员另行登记。")
RECORDER_IS_DELEGATE = ConsentReason("RECORDER_IS_DELEGATE", "5.1.6",
    "Nobody records an authority for its own account.", "不得为本人账号登记代理。")

# --- NotAdmitted ---------------------------------------------------------------------------------------------------

NOT_YOURS = ConsentReason("NOT_YOURS", "5.1.6",
    "Only the subject, or a delegate whose authority is recorded, decides on an authorisation.",
    "只有本人或者经登记的受托人可以处理授权。")
# A child under 14 does not consent [PIPL 31], and an adult ward not by itself [Civil Code 21, 22].
GUARDIAN_REQUIRED = ConsentReason("GUARDIAN_REQUIRED", "5.1.6",
    "For a child under 14 and for an adult under guardianship only a recorded guardian consents, and not while the "
    "record is contested; have the guardian recorded at the window.",
    "未满十四周岁的未成年人和成年被监护人，须由经登记的监护人同意；监护登记的异议处理前，该监护人不得同意。未登记的，请先到窗口登记监护关系。")
DELEGATE_CANNOT_DELEGATE = ConsentReason("DELEGATE_CANNOT_DELEGATE", "5.1.6",
    "A delegate cannot delegate; the subject appoints another one itself, or at the window.",
    "受托人不得转委托，由本人自行委托或者到窗口办理。")
GUARDIANSHIP_ENDS_BY_LAW = ConsentReason("GUARDIANSHIP_ENDS_BY_LAW", "5.1.6",
    "Neither ward nor guardian ends a guardianship; contest its record, or have the window end it on its evidence.",
    "监护关系不能由被监护人或者监护人自行终止；可以对监护登记提出异议，或者凭证明材料到窗口办理。")
# A guardianship is contested once: a letter that its recorder made up would use that up.
GUARDIANSHIP_RECORDER_CANNOT_CONTEST = ConsentReason("GUARDIANSHIP_RECORDER_CANNOT_CONTEST", "5.1.6",
    "Who recorded the guardianship, or is its guardian, cannot enter a contest of it; another officer does.",
    "登记该监护关系的人员以及监护人本人不得登记对它的书面异议，由其他人员登记。")
GUARDIANSHIP_RECORDER_CANNOT_DECIDE = ConsentReason("GUARDIANSHIP_RECORDER_CANNOT_DECIDE", "5.1.6",
    "Who recorded the guardianship, entered its contest, or is its guardian, cannot decide on the contest.",
    "登记该监护关系或者登记其异议的人员以及监护人本人不得处理对它的异议。")
RECORDED_AT_THE_WINDOW = ConsentReason("RECORDED_AT_THE_WINDOW", "5.1.6",
    "A guardian or a close relative is recorded at the window, on its papers.",
    "监护人、近亲属须凭证明材料到窗口登记。")
ASKER_CANNOT_ANSWER = ConsentReason("ASKER_CANNOT_ANSWER", "5.1.6",
    "Whoever asked for an authorisation cannot grant it as well.", "请求授权的人不得同时代为同意授权。")
MAY_NOT_ASK = ConsentReason("MAY_NOT_ASK", "5.1.6",
    "In this role an authorisation for this purpose cannot be asked for or recorded.",
    "当前身份不得为该用途请求或者登记授权。")

NOT_THE_RECIPIENT = ConsentReason("NOT_THE_RECIPIENT", "5.1.6",
    "Only an officer of the recipient acknowledges a deletion.",
    "只有信息接收单位的工作人员可以登记删除。")
RECORDER_CANNOT_CONFIRM = ConsentReason("RECORDER_CANNOT_CONFIRM", "5.1.6",
    "After a contest, somebody else than who recorded the paper has to confirm it.",
    "当事人提出过异议，纸质授权须由登记人以外的人员确认。")
RECORDER_CANNOT_DECIDE = ConsentReason("RECORDER_CANNOT_DECIDE", "5.1.6",
    "Who recorded or confirmed the paper, or entered its contest, cannot decide on the contest.",
    "登记或者确认该纸质授权、登记其异议的人员不得处理该异议。")

# --- Collision -----------------------------------------------------------------------------------------------------

VERSION_CONFLICT = ConsentReason("VERSION_CONFLICT", "5.1.6",
    "The authorisation changed in the meantime; read it again and repeat.", "该授权刚刚发生变更，请刷新后重试。")
KEY_REUSED = ConsentReason("KEY_REUSED", "5.1.6",
    "This idempotency key was already used for a different request.", "该幂等键已用于另一请求。")
# fmt: on
