"""The synthetic people of the demo: one for each kind of user, with example queries for its tasks.

Every example is ready to copy, and runs on the demo's own district. The title says where an example is refused on
purpose.
"""

from datetime import date

from consent.vocabulary import Purpose
from gateway.auth.dev_issuer import Example, Persona
from gateway.demo.district.district import ASSOCIATION, AUDIT, DISTRICT, MARKET, OFFICE, PLATFORM
from gateway.demo.personas import examples
from gateway.demo.seed.well_known_ids import (
    ADMIN,
    AGENT,
    AUDITOR,
    AWAITED,
    AWAITED_OF_PRINCIPAL,
    CLERK,
    CLIENT,
    FILED,
    FILED_BY_PRINCIPAL,
    HANDLER,
    HEAD,
    LIVE,
    MYSELF,
    PRINCIPAL,
    RATED,
    REGULATOR,
    REVIEWER,
    SUBJECT,
    UNASKED,
)
from gateway.demo.seed.well_known_ids import ASSOCIATION as ASSOCIATION_REF
from gateway.demo.seed.well_known_ids import OFFICE as OFFICE_REF
from gateway.demo.seed.well_known_ids import PLATFORM as PLATFORM_REF
from policy.actors import Role
from queryplan.entities import Entity
from schema.core.global_ids import encode

PUBLIC = (
    Example(
        "查公示名单（无需令牌） · The public list, without a token",
        """query PublicList @purpose(is: PUBLICITY) {
  publicRestraintList(first: 3) {
    totalCount
    nodes { circumstance publishedOn endsOn department { name } subject { name area { name } } }
  }
}""",
    ),
    Example(
        "查部门与窗口（无需目的） · Departments and windows, without a purpose",
        "{ departments(first: 3) { nodes { code name window telephone matters(first: 3) { nodes { name } } } } }",
    ),
    *examples.EVERYBODY,
)
"""Queries for callers without a token."""

CREDIT_CHECK = """query CreditCheck($number: String!) @purpose(is: CREDIT_CHECK) {
  subjectByIdentifier(kind: ID_NUMBER, number: $number) {
    name identifier isRestrained
    restraintCases(first: 3) { nodes { circumstance publishedOn endsOn department { name } } }
  }
}"""
CHECK = """mutation Check($application: ID!) @purpose(is: CREDIT_CHECK) {
  checkCredit(input: { application: $application }) {
    __typename
    ... on CreditChecked { check { finding memoranda at answers { source finding memorandum reason } } }
    ... on Refusal { code message }
  }
}"""
GRANT_INCENTIVE = """mutation GrantIncentive($application: ID!) @purpose(is: APPLICATION_HANDLING) {
  grantIncentive(input: { application: $application, incentive: "GREEN_CHANNEL", helper: "demo-helper" }) {
    __typename
    ... on IncentiveGranted { application { facilitation } grant { incentive helper check { finding } } }
    ... on Refusal { code message }
    ... on RefusalWithWayOut { wayOut }
  }
}"""
CONSULTATION = """query Consultation($code: String!) @purpose(is: CONSULTATION) {
  subjectByIdentifier(kind: SOCIAL_CREDIT_CODE, number: $code) { name isRestrained }
}"""
ASK = """mutation Ask($subject: ID!, $application: ID!) @purpose(is: CREDIT_CHECK) {
  requestAuthorisation(input: { subject: $subject, purpose: CREDIT_CHECK, application: $application }) {
    __typename
    ... on AuthorisationChanged { authorisation { id status scope expiresOn usesAllowed } }
    ... on Refusal { code message }
  }
}"""
GRANT = """mutation Grant($authorisation: ID!) @purpose(is: SELF_ACCESS) {
  grantAuthorisation(input: { authorisation: $authorisation, scope: [RESTRAINT], uses: 1 }) {
    __typename
    ... on AuthorisationChanged { authorisation { status scope recipient { name } expiresOn usesAllowed } }
    ... on Refusal { code message }
  }
}"""
WITHDRAW = """mutation Withdraw($authorisation: ID!) @purpose(is: SELF_ACCESS) {
  withdrawAuthorisation(input: { authorisation: $authorisation }) {
    __typename
    ... on AuthorisationChanged { authorisation { status recipient { name } withdrawnAt } }
    ... on Refusal { code message }
  }
}"""


def personas(today: date) -> tuple[Persona, ...]:
    """Return the personas, in the order in which a case meets them; some of their examples contain a date."""
    return (
        _clerk(),
        _subject(),
        _handler(),
        _reviewer(),
        _head(),
        _regulator(today),
        _agent(),
        _association(),
        _platform(),
        _office(today),
        _auditor(),
        _admin(),
    )


def _persona(name: str, title: str, role: Role, purpose: Purpose | None, *examples: Example, **claims: str) -> Persona:
    return Persona(name, title, {"roles": [role.value], **claims}, purpose, examples)


def _clerk() -> Persona:
    return _persona(
        "clerk",
        "窗口人员 · Window clerk",
        Role.CLERK,
        Purpose.CREDIT_CHECK,
        Example(
            "事前信用查询：已获授权 · Credit check, on a live authorisation",
            CREDIT_CHECK,
            variables={"number": MYSELF.number},
        ),
        Example(
            "事前信用查询：未获授权，应被拒绝 · Credit check without authorisation: refused",
            CREDIT_CHECK,
            variables={"number": UNASKED.number},
        ),
        Example(
            "事前信用核查：两个来源，随办件留存 · Check both sources for an application, and keep the answers with it",
            CHECK,
            variables={"application": encode(Entity.APPLICATION, PRINCIPAL.subject_id, FILED_BY_PRINCIPAL)},
        ),
        Example(
            "给予绿色通道（须先核查） · Grant the green channel, on that check",
            GRANT_INCENTIVE,
            variables={"application": encode(Entity.APPLICATION, PRINCIPAL.subject_id, FILED_BY_PRINCIPAL)},
        ),
        Example(
            "请求授权 · Ask a subject for an authorisation",
            ASK,
            variables={
                "subject": encode(Entity.SUBJECT, UNASKED.subject_id),
                "application": encode(Entity.APPLICATION, UNASKED.subject_id, FILED),
            },
        ),
        Example(
            "本窗口的办件 · Applications at this window",
            """{
  applications(first: 3) { nodes { matter { name } facilitation status filedAt subject { name identifier phone } } }
}""",
            Purpose.APPLICATION_HANDLING.value,
        ),
        *examples.CLERK,
        sub=CLERK,
        department=MARKET,
    )


def _subject() -> Persona:
    return _persona(
        "subject",
        "本人 · A subject",
        Role.SUBJECT,
        Purpose.SELF_ACCESS,
        Example(
            "我的信息、我的授权、谁看过我 · My data, my authorisations, who looked",
            """query Mine @purpose(is: SELF_ACCESS) {
  mySubject { name identifier phone address isRestrained restraintCases(first: 3) { nodes { number status facts } } }
  myAuthorisations(first: 5) { nodes { purpose recipient { name } scope status expiresOn usesLeft } }
  myAccessLog(first: 5) {
    nodes { at actor role department { name } purpose basis citation fieldsShown { field form } }
  }
}""",
        ),
        Example(
            "撤回授权（之后窗口再查将被拒绝） · Withdraw: the clerk's next check is refused",
            WITHDRAW,
            variables={"authorisation": encode(Entity.AUTHORISATION, MYSELF.subject_id, LIVE)},
        ),
        Example(
            "同意授权，但缩小范围 · Say yes to a request, to less than was asked",
            GRANT,
            variables={"authorisation": encode(Entity.AUTHORISATION, MYSELF.subject_id, AWAITED)},
        ),
        Example(
            "查看完整证件号码（留痕） · Reveal my own number: recorded",
            "query Reveal @purpose(is: SELF_ACCESS) { mySubject { ... on NaturalPerson { identifierRevealed } } }",
        ),
        *examples.SUBJECT,
        sub=SUBJECT,
        subject=str(MYSELF.subject_id),
    )


def _handler() -> Persona:
    return _persona(
        "handler",
        "案件经办人 · Case handler",
        Role.HANDLER,
        Purpose.DETERMINATION,
        Example(
            "本人经办的案件 · The cases assigned to me",
            """query MyCases($me: String!) @purpose(is: DETERMINATION) {
  restraintCases(first: 3, handler: $me) {
    totalCount
    nodes {
      number status circumstance channel facts evidenceReferences internalNotes noticedOn servedOn statedOn
      subject { name identifier phone address }
    }
  }
}""",
            variables={"me": HANDLER},
        ),
        *examples.HANDLER,
        sub=HANDLER,
        department=MARKET,
    )


def _reviewer() -> Persona:
    return _persona(
        "reviewer",
        "复核人 · Reviewer",
        Role.REVIEWER,
        Purpose.REVIEW,
        Example(
            "待复核的案件 · The cases that I review, none of which I handled",
            """query ToReview @purpose(is: REVIEW) {
  restraintCases(first: 3) {
    totalCount
    nodes { number status facts evidenceReferences handler statedOn reviewedOn subject { name identifier } }
  }
}""",
        ),
        *examples.REVIEWER_DOES,
        sub=REVIEWER,
        department=MARKET,
    )


def _head() -> Persona:
    return _persona(
        "head",
        "部门负责人 · Head of a department",
        Role.HEAD,
        Purpose.SUPERVISION,
        Example(
            "本部门案件的各项时限（不显示姓名） · My department's clocks, without names",
            """query Clocks @purpose(is: SUPERVISION) {
  restraintCases(first: 5) {
    totalCount
    nodes { number status collectedOn verifiedAt noticedOn servedOn statedOn reviewedOn determinedOn }
  }
}""",
        ),
        Example(
            "征求意见答复：是否处于失信制约 · Answer a consultation: restrained or not",
            CONSULTATION,
            variables={"code": CLIENT.number},
        ),
        *examples.HEAD,
        sub=HEAD,
        department=MARKET,
    )


def _regulator(today: date) -> Persona:
    return _persona(
        "regulator",
        "监管人员 · Regulator",
        Role.REGULATOR,
        Purpose.FOCUSED_CHECK,
        Example(
            "本行业、本辖区的重点核查对象 · Focused-check targets of my sector and area",
            """query Targets @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 3) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { circumstance facts publishedOn endsOn subject { __typename name identifier address area { name } } }
  }
}""",
        ),
        *examples.regulator(today),
        sub=REGULATOR,
        department=MARKET,
        sector="market",
        area=DISTRICT,
    )


def _agent() -> Persona:
    return _persona(
        "agent",
        "代理人 · Agent of two subjects",
        Role.AGENT,
        Purpose.SELF_ACCESS,
        Example(
            "委托人的授权与办件 · My principals' authorisations and applications",
            """query ForMyPrincipals($principal: ID!) @purpose(is: SELF_ACCESS) {
  mySubject(id: $principal) { name isRestrained delegations { nodes { evidence expiresOn } } }
  myAuthorisations(first: 5) { nodes { subject { name } purpose recipient { name } status expiresOn } }
  applications(first: 3) { nodes { subject { name } matter { name } status } }
}""",
            variables={"principal": encode(Entity.SUBJECT, CLIENT.subject_id)},
        ),
        Example(
            "代委托人答复授权请求 · Answer a request for my principal",
            GRANT,
            variables={"authorisation": encode(Entity.AUTHORISATION, PRINCIPAL.subject_id, AWAITED_OF_PRINCIPAL)},
        ),
        *examples.AGENT,
        sub=AGENT,
    )


def _association() -> Persona:
    return _persona(
        "association",
        "行业协会 · Trade association",
        Role.ASSOCIATION,
        Purpose.CONSULTATION,
        Example(
            "评优前征求意见（经本人授权） · Ask before an award, on the subject's authorisation",
            CONSULTATION,
            variables={"code": RATED.number},
        ),
        Example("未获授权，应被拒绝 · Without authorisation: refused", CONSULTATION, variables={"code": CLIENT.number}),
        *examples.ASSOCIATION,
        sub=ASSOCIATION_REF,
        department=ASSOCIATION,
    )


def _platform() -> Persona:
    return _persona(
        "platform",
        "市平台 · City platform",
        Role.PLATFORM,
        Purpose.PLATFORM_EXCHANGE,
        Example(
            "共享生效中的失信制约 · Restraints in force, for exchange",
            """query Exchange @purpose(is: PLATFORM_EXCHANGE) {
  restraintCases(first: 3) {
    totalCount
    nodes { number circumstance basis facts evidence publishedOn endsOn subject { name identifier address } }
  }
}""",
        ),
        sub=PLATFORM_REF,
        department=PLATFORM,
    )


def _office(today: date) -> Persona:
    return _persona(
        "office",
        "区办公室 · District office",
        Role.OFFICE,
        Purpose.SUPERVISION,
        Example(
            "全区案件时限监督 · Clocks of the whole district",
            """query Supervision @purpose(is: SUPERVISION) {
  restraintCases(first: 5) {
    totalCount
    nodes { number status department { name } noticedOn servedOn statedOn reviewedOn subject { name } }
  }
}""",
        ),
        *examples.office(today),
        sub=OFFICE_REF,
        department=OFFICE,
    )


def _auditor() -> Persona:
    return _persona(
        "auditor",
        "审计人员 · Auditor",
        Role.AUDITOR,
        Purpose.AUDIT,
        Example(
            "全区访问记录 · Every read of personal data in the district",
            """query WhoReadWhat @purpose(is: AUDIT) {
  myAccessLog(first: 5) {
    totalCount
    nodes { at actor role department { name } purpose basis citation fieldsShown { field form } }
  }
}""",
        ),
        sub=AUDITOR,
        department=AUDIT,
    )


def _admin() -> Persona:
    document = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { facts subject { name phone } } } }"
    return _persona(
        "admin",
        "系统管理员 · Administrator, who sees no personal data",
        Role.ADMIN,
        None,
        Example(
            "我能看什么：没有任何个人信息 · What I may see: nobody's data",
            """query Nothing($document: String!) {
  viewer { role purposes }
  explainAccess(document: $document) { policyVersion fields { field outcome reason unlock } }
}""",
            variables={"document": document},
        ),
        sub=ADMIN,
    )
