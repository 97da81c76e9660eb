"""Documents that reach every root, every kind of field and every shape of page: (name, who, document, variables).

`{gid}` and the like in variables are filled in from the world by `filled`.
"""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from queryplan.entities import Entity
from schema.core.global_ids import encode
from schema.execution.cursors import Walk, WalkPosition, cursor, walk_cursor
from tests.builders import DISTRICT, HEALTH, MARKET, NOW, SCJG, WENSHAO, World


class Asked(NamedTuple):
    name: str
    who: str
    query: str
    variables: Mapping[str, object] = {}


CASE = """
fragment Case on RestraintCase {
  disclosure { __typename field form reason unlock }
  __typename id canonicalId number circumstance basis legalDocument determinedOn publishedOn endsOn periodBasis rectifiedOn inForce
  staysUntilRectified lateEntries { __typename step on recordedOn }
  version status facts evidence evidenceReferences internalNotes channel hasAgentsCase occurredOn serviceMeans reviewOutcome
  claimedOn removalCause rectificationDue { on state } rectificationDueOn { on } publicationDue { on state } publicationDueOn { on }
  steps(first: 3) { totalCount pageInfo { hasNextPage } nodes { ...Step } } statements(first: 2) { totalCount nodes { ...Said } }
  factsVersions(first: 2) { totalCount nodes { __typename id canonicalId number step on at by basis facts } }
  formerDeterminedOn formerPublishedOn formerEndsOn isTakenOver takenOverOn isListed listedUntil pausedOn resumedOn
  handler reviewer collectedOn verifiedAt noticedOn servedOn statedOn
  reviewedOn noticeDue { __typename on provisional isMissed state daysLeft clause } noticeDueOn { on } isOverdue
  statementDue { last: on clause } statementClosesOn { on } reviewDue { on state } reviewDueOn { on } changedAt department { ...Dept } sector { code name nameEn } area { code name nameEn }
  viewerCan { ...Can }
}
fragment Can on ViewerStep {
  __typename name mutation allowed needs refusal { __typename code message messageEn wayOut wayOutEn clause until last: since }
}
fragment Step on CaseStep {
  operatorAct
  __typename id canonicalId step on at recordedOn lateEntry actor role actingRole department { code } decided { __typename name label value }
  evidence ownEvidence
}
fragment Said on CaseStatement { __typename id canonicalId statedOn enteredAt enteredBy enteredInRole enteredAs text }
fragment Dept on Department { id code name nameEn window telephone sector { id code } }
"""
SUBJECT = """
fragment Who on Subject {
  forms: disclosure { form field: field }
  __typename id canonicalId kind capacities name identifierKind identifier address phone isRestrained area { __typename id canonicalId code name }
  ... on NaturalPerson { identifierRevealed } ... on SoleTrader { identifierRevealed }
}
"""
AUTHORISATION = """
fragment Auth on Authorisation {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId purpose scope means template requestedAt requestedBy grantedAt startsOn expiresOn usesAllowed usesMade
  usesLeft refusedAt refusedOn refusalEvidence narrowedAt narrowedOn narrowingEvidence withdrawnAt withdrawnOn withdrawalEvidence isOnPaper paperEvidence signedOn heldAt confirmedAt confirmedBy
  contestedAt contestedOn contestPaper contestEnteredBy contestEvidence contestFinding contestDecidedAt status version recipient { code name }
  notice { __typename digest version language lines } noticeShown { digest }
}
"""
APPLICATION = """
fragment App on Application {
  viewerCan { name allowed needs refusal { code wayOut until } }
  disclosure { field form reason }
  __typename id canonicalId number version changedAt facilitation filedAt acceptedAt decidedAt outcome status isOpen department { code }
  paperWithdrawal { __typename on recordedOn contestedOn }
  matter { code name greenChannel commitment deferredDocuments facilitationBasis department { name } sector { code } }
}
"""
CHECK = """
fragment Check on CreditCheck {
  __typename id canonicalId by at purpose finding memoranda answers { __typename source finding memorandum kind reason } department { code }
}
"""
GRANTED = """
fragment Granted on IncentiveGrant {
  __typename id canonicalId incentive at by helper commitment department { code } check { __typename id canonicalId finding }
}
"""
OWED = """
fragment Owed on Deferral {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId commitmentRef committedOn promisedFor suppliedOn endedOn state isOpen isOverdue version
  paperWithdrawal { __typename on recordedOn contestedOn }
  due { on provisional isMissed state daysLeft clause } dueOn { on } department { code }
  documents { __typename document handedInOn receivedBy receipt } reminders { sentOn by paper servedOn proof }
}
"""
COMMITTED = """
fragment Committed on Commitment {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId document commitmentRef committedOn limitDays verifyDays isOnTheSpot completedOn verifiedOn verifiedBy
  outcome facts endedOn state isOpen isOverdue version department { code }
  paperWithdrawal { __typename on recordedOn contestedOn }
  completionDue { on state } completionDueOn { on } verificationDue { last: on clause isMissed } verificationDueOn { on }
}
"""
NOTICE = """
fragment Paper on IssuedNotice {
  __typename id canonicalId kind number issuedOn issuedAt isSigned pdf department { code name } case { number endsOn } application { id }
}
"""
ENTRY = """
fragment Entry on AccessEntry {
  operatorAct leafIndex commitment
  __typename id canonicalId at actor role actingRole purpose basis citation documentHash department { name }
  fieldsShown { __typename field dataClass form } delay { ...Delay }
  grounds { __typename basis citation authorisation clear masked } question { __typename id canonicalId }
}
fragment Delay on EntryDelay {
  __typename id canonicalId department { code } orderedAt opensOn acts { __typename orderedAt orderedBy ground opensOn }
}
"""
DELEGATION = """
fragment Acts on Delegation {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId kind scope powers delegate evidence grantedAt recordedBy recordedInRole recordedAs department { code } startsOn expiresOn
  withdrawnAt endedBy endedInRole endedAs endEvidence isLive version subject { name }
  contestedAt contestedBy contestedOn contestPaper contestDecidedAt contestDecidedBy contestFinding contestEvidence
}
"""
FILE = """
fragment Held on EvidenceFile {
  __typename id canonicalId reference mediaType size content scan uploadedAt uploadedInRole uploadedAs department { code } subject { id }
}
"""
WORK = """
fragment Work on WorkItem {
  __typename step label clause side assignee handler since due { __typename on provisional isMissed state daysLeft clause }
  sortsOn isLate case { id number } subject { id } authorisation { id } delegation { id } deletion { id } department { code }
}
"""
DUTY = """
fragment Owed on DeletionDuty {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId authorisationId cause scope since due { __typename on provisional isMissed state } acknowledgedOn acknowledgedBy
  outcome reference isLate version recipient { code } subject { id }
}
"""
CORRECTION = """
fragment Made on Correction {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId remedy cause items discoveredOn discoveredBy doneOn doneBy completedOn due { on state clause } dueOn { on } version
  department { code } objection { id } toTell { totalCount nodes { __typename id canonicalId recipient route items leftAt toldOn } }
}
"""
NOTIFICATION = """
fragment Told on Notification {
  __typename id canonicalId audience topic text textEn clause at isSeen seenAt seenBy department { code } subject { id }
  case { id } application { id } authorisation { id } objection { id } issuedNotice { id } delegation { id }
}
"""
OBJECTION = """
fragment Said on Objection {
  viewerCan { name allowed needs refusal { code wayOut until } }
  __typename id canonicalId record recordId raisedOn recordedOn raisedInRole raisedAs text assignedTo answeredOn answer reasons version department { code }
  due { on provisional isMissed state daysLeft clause } dueOn { on }
}
"""
PAGE = "totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }"

TOTAL = " total { __typename count isExact } "
AFTER_AREAS = cursor(f"root:{Entity.AREA}:code", ["370305"])
AFTER_CASES = walk_cursor(
    f"restraint_cases:{Entity.RESTRAINT_CASE}:-changed_at.-case_id",
    WalkPosition(Walk(NOW), is_again=False, values=[NOW, UUID(int=0)]),
)
"""Places in lists, as cursors name them."""

QUESTIONS: tuple[Asked, ...] = (
    Asked("sectors", "anonymous", "{ sectors { nodes { __typename id canonicalId code name nameEn } } }"),
    Asked("areas, a page", "anonymous", f"{{ areas(first: 2) {{ {PAGE} edges {{ __typename cursor node {{ code }} }} }} }}"),
    Asked("areas before a place, the last first", "anonymous", f"query($c: String) {{ areas(last: 2, before: $c) {{ {PAGE} {TOTAL} edges {{ cursor node {{ code }} }} }} }}", {"c": AFTER_AREAS}),
    Asked("areas up to a place", "anonymous", f"query($c: String) {{ areas(first: 1, before: $c) {{ {PAGE} {TOTAL} nodes {{ code }} }} }}", {"c": AFTER_AREAS}),
    Asked("areas from the other end", "anonymous", f"{{ areas(orderBy: REVERSED) {{ {PAGE} nodes {{ code }} }} }}"),
    Asked("by code", "anonymous", '{ department(code: "LZ-SCJG") { id code } matter(code: "none") { id } sector(code: "market") { name } area(code: "370305") { name } }'),
    Asked("one case by number", "handler", "query($n: String!, $d: ID!) @purpose(is: DETERMINATION) { case(number: $n, department: $d) { __typename id number } }", {"n": "案-001", "d": "{department}"}),
    Asked("an application by number", "clerk", "query($n: String!, $d: ID!) @purpose(is: APPLICATION_HANDLING) { application(number: $n, department: $d) { id number } }", {"n": "none", "d": "{department}"}),
    Asked("targets, the last page", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(last: 2) { " + PAGE + TOTAL + " edges { cursor node { number subject { name } } } } }"),
    Asked("targets and their other cases after a place", "regulator", "query($c: String) @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { subject { restraintCases(first: 1, after: $c) { " + PAGE + TOTAL + " edges { cursor node { number } } } } } } }", {"c": AFTER_CASES}),
    Asked("targets and the last of their cases before a place", "regulator", "query($c: String) @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { subject { restraintCases(last: 1, before: $c) { " + PAGE + " nodes { number } } } } } }", {"c": AFTER_CASES}),
    Asked("a head's worklist, from its end", "head", WORK + "query @purpose(is: SUPERVISION) { worklist(last: 3) { " + PAGE + TOTAL + " edges { cursor node { ...Work } } } }"),
    Asked("departments with their matters", "anonymous", "{ departments { nodes { code matters(first: 1) { " + PAGE + " nodes { code name } } sector { name } } } }"),
    Asked("matters of a department", "clerk", "query($d: ID) { matters(department: $d) { totalCount nodes { code department { code sector { code } } } } }", {"d": "{department}"}),
    Asked("matters of none", "clerk", "query($d: ID) { matters(department: $d) { totalCount nodes { code } } }", {"d": None}),
    Asked("the same root by two names", "clerk", "{ a: sectors { n: nodes { c: code } } b: sectors(first: 1) { nodes { code k: name } } }"),
    Asked("no things", "clerk", "{ sectors(first: 0) { " + PAGE + " nodes { code } edges { cursor } } }"),
    Asked("node of a sector", "anonymous", "query($i: ID!) { node(id: $i) { __typename id canonicalId ... on Sector { code } ... on Area { name } } }", {"i": "{sector}"}),
    Asked("node of nothing", "anonymous", "query($i: ID!) { node(id: $i) { id } }", {"i": "{no sector}"}),
    Asked("nodes of no ids", "anonymous", "{ nodes(ids: []) { id } }"),
    Asked("nodes of two kinds and one missing", "anonymous", "query($i: [ID!]!) { nodes(ids: $i) { __typename id canonicalId ... on Department { code sector { code } } ... on Sector { name } } }", {"i": ["{department}", "{no sector}", "{sector}", "{department}"]}),
    Asked("nodes of persons and cases", "regulator", SUBJECT + CASE + "query($i: [ID!]!) @purpose(is: FOCUSED_CHECK) { nodes(ids: $i) { __typename ...Who ...Case ... on Sector { code } } }", {"i": ["{person-1}", "{case in-force}", "{case ended}", "{sector}", "{company-1}"]}),
    Asked("node of a person outside", "regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { node(id: $i) { id ... on Subject { name } } }", {"i": "{club-1}"}),
    Asked("targets, everything", "regulator", SUBJECT + CASE + "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { " + PAGE + " nodes { ...Case subject { ...Who } } } }"),
    Asked("targets, a first page", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 2) { " + PAGE + " edges { cursor node { number publishedOn } } } }"),
    Asked("targets, narrowed", "regulator", "query($s: ID, $a: ID, $c: Circumstance, $d: Date, $t: DateTime) @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(sector: $s, area: $a, circumstance: $c, since: $d, changedSince: $t) { totalCount nodes { number } } }", {"s": "{sector}", "a": "{area}", "c": "FALSE_MATERIAL", "d": "2026-10-01", "t": "2026-01-01T00:00:00+08:00"}),
    Asked("targets by literals", "regulator", 'query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(circumstance: FALSE_MATERIAL, since: "2026-11-03") { nodes { number } } }'),
    Asked("targets of none", "regulator elsewhere", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { " + PAGE + " nodes { number } edges { cursor } } }"),
    Asked("targets and their other cases", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { number subject { name restraintCases(first: 1) { " + PAGE + " edges { cursor node { number facts } } } } } } }"),
    Asked("three levels down", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 3) { nodes { subject { restraintCases(first: 2) { nodes { number subject { name restraintCases(first: 1) { totalCount nodes { number } } } } } } } } }"),
    Asked("by kind of subject", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { subject { ... on NaturalPerson { name restraintCases { totalCount } } ... on LegalPerson { identifier restraintCases(first: 1) { nodes { number } } } ... on Node { id } __typename } } } }"),
    Asked("a step of one kind alone", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { number subject { ... on NaturalPerson { area { code } } ... on LegalPerson { restraintCases(first: 1) { nodes { area { code } } } } } } } }"),
    Asked("aliases of one field", "regulator", "query @purpose(is: FOCUSED_CHECK) { t: focusedCheckTargets { n: nodes { a: number b: number s: subject { x: name y: name t: __typename } } } }"),
    Asked("conditions that hold and that do not", "regulator", "query($yes: Boolean!, $no: Boolean = false) @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { number facts @include(if: $no) endsOn @skip(if: $yes) publishedOn @include(if: $yes) ... @include(if: $yes) { basis } } } }", {"yes": True}),
    Asked("nothing at all is asked", "regulator", "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets @skip(if: true) { totalCount } }"),
    Asked("a clerk's worklist", "clerk", WORK + "query @purpose(is: APPLICATION_HANDLING) { worklist { totalCount nodes { ...Work application { number } } } }"),
    Asked("a handler's worklist", "handler", WORK + "query @purpose(is: DETERMINATION) { worklist { " + PAGE + " edges { cursor node { ...Work } } } }"),
    Asked("a head's worklist, narrowed", "head", WORK + "query($l: Boolean, $d: Date, $h: String) @purpose(is: SUPERVISION) { worklist(late: $l, dueBy: $d, handler: $h, side: HANDLER, step: DETERMINE) { totalCount nodes { ...Work subject { name } } } }", {"l": False, "d": "2026-12-31", "h": "handler-2"}),
    Asked("a reviewer's worklist", "reviewer", WORK + "query @purpose(is: REVIEW) { worklist(first: 3) { nodes { ...Work case { facts } } } }"),
    Asked("what a subject can do", "person-1", WORK + "query @purpose(is: SELF_ACCESS) { worklist(first: 2) { " + PAGE + " nodes { ...Work } } }"),
    Asked("a handler's mixed list", "handler", SUBJECT + CASE + "query @purpose(is: DETERMINATION) { restraintCases { " + PAGE + " nodes { ...Case subject { ...Who } } } }"),
    Asked("a case by its number", "handler", "query($n: String) @purpose(is: DETERMINATION) { restraintCases(number: $n) { totalCount nodes { number handler } } }", {"n": "案-001"}),
    Asked("cases not in force", "head", "query($f: Boolean) @purpose(is: DETERMINATION) { restraintCases(inForce: $f) { totalCount nodes { number inForce } } }", {"f": False}),
    Asked("cases of a handler", "head", 'query @purpose(is: DETERMINATION) { restraintCases(handler: "handler-2") { nodes { number handler status } } }'),
    Asked("a handler's documents", "handler", NOTICE + "query @purpose(is: DETERMINATION) { restraintCases { nodes { number notices { " + PAGE + " nodes { ...Paper } } } } }"),
    Asked("my documents", "person-1", NOTICE + "query @purpose(is: SELF_ACCESS) { mySubject { restraintCases { nodes { notices(first: 1) { edges { cursor node { ...Paper } } } } } } }"),
    Asked("a document by its id", "reviewer", NOTICE + "query($i: ID!) @purpose(is: REVIEW) { node(id: $i) { ...Paper } }", {"i": "{notice}"}),
    Asked("a document for whom it is not", "head", NOTICE + "query @purpose(is: DETERMINATION) { restraintCases(first: 3) { nodes { number notices { nodes { ...Paper } } } } }"),
    Asked("a code", "anonymous", "query($c: String!) { checkNotice(code: $c) { __typename genuine kind number department issuedOn stands } }", {"c": "AAAA-AAAA-AAAA-AAAA"}),
    Asked("a reviewer's cases", "reviewer", CASE + "query @purpose(is: REVIEW) { restraintCases { nodes { ...Case subject { name identifier phone } } } }"),
    Asked("the platform's cases", "platform", SUBJECT + CASE + "query @purpose(is: PLATFORM_EXCHANGE) { restraintCases(first: 4) { nodes { ...Case subject { ...Who } } } }"),
    Asked("the office's cases", "office", SUBJECT + CASE + "query @purpose(is: SUPERVISION) { restraintCases { totalCount nodes { ...Case subject { ...Who } } } }"),
    Asked("the public list", "anonymous", SUBJECT + "query @purpose(is: PUBLICITY) { publicRestraintList(first: 3) { " + PAGE + " nodes { circumstance endsOn subject { ...Who } } } }"),
    Asked("the public list, narrowed", "anonymous", "query($s: ID) @purpose(is: PUBLICITY) { publicRestraintList(sector: $s, circumstance: OTHER) { totalCount nodes { id } } }", {"s": "{sector}"}),
    Asked("myself", "person-1", SUBJECT + CASE + AUTHORISATION + APPLICATION + DELEGATION + "query @purpose(is: SELF_ACCESS) { mySubject { ...Who restraintCases { " + PAGE + " nodes { ...Case application { ...App } } } applications { totalCount nodes { ...App subject { name } } } authorisations { nodes { ...Auth application { id } } } delegations { nodes { ...Acts } } } }"),
    Asked("a company itself", "company-1", SUBJECT + "query @purpose(is: SELF_ACCESS) { mySubject { ...Who applications { nodes { facilitation outcome } } } }"),
    Asked("a sole trader's own code", "trader-1", "query @purpose(is: SELF_ACCESS) { mySubject { identifier ... on SoleTrader { identifierRevealed } ... on NaturalPerson { phone } } }"),
    Asked("my authorisations", "company-2", AUTHORISATION + "query @purpose(is: SELF_ACCESS) { myAuthorisations { " + PAGE + " nodes { ...Auth subject { name } } } }"),
    Asked("my access log", "person-1", ENTRY + 'query @purpose(is: SELF_ACCESS) { myAccessLog(first: 2, until: "2026-11-20T00:00:00Z") { ' + PAGE + " nodes { ...Entry subject { id } } } }"),
    Asked("the log for one purpose", "auditor", ENTRY + 'query($p: Purpose) @purpose(is: AUDIT) { myAccessLog(purpose: $p, until: "2026-11-20T00:00:00Z") { totalCount edges { node { ...Entry subject { name } } } } }', {"p": "DETERMINATION"}),
    Asked("delays of my entries", "person-1", ENTRY + "query @purpose(is: SELF_ACCESS) { entryDelays { " + PAGE + ' nodes { ...Delay subject { id } } } myAccessLog(first: 1, until: "2026-11-20T00:00:00Z") { nodes { ...Entry } } }'),
    Asked("my files", "person-1", FILE + "query @purpose(is: SELF_ACCESS) { evidenceFiles { " + PAGE + " nodes { ...Held } } }"),
    Asked("files of the department", "handler", FILE + "query @purpose(is: DETERMINATION) { evidenceFiles(first: 2) { " + PAGE + " edges { cursor node { ...Held } } } }"),
    Asked("my focused checks", "person-1", "query @purpose(is: SELF_ACCESS) { focusedChecks { " + PAGE + " nodes { __typename id canonicalId subject { id } sector { code } area { code } department { code } checkedOn checkedBy outcome facts recordedAt case { number } } } mySubject { __typename id canonicalId focusedChecks(first: 2) { totalCount nodes { outcome } } } }"),
    Asked("focused checks of a sector", "regulator", "query($s: ID) @purpose(is: FOCUSED_CHECK) { focusedChecks(first: 3, subject: $s) { " + PAGE + " edges { cursor node { outcome facts case { number } } } } }", {"s": "{company-1}"}),
    Asked("changes among the targets", "regulator", "query($t: DateTime) @purpose(is: FOCUSED_CHECK) { focusedCheckChanges(since: $t) { " + PAGE + " edges { cursor node { __typename kind subjectId subject { __typename id canonicalId name } } } } }", {"t": "2026-11-01T00:00:00+08:00"}),
    Asked("my consultations", "person-1", "query @purpose(is: SELF_ACCESS) { myConsultations { " + PAGE + " nodes { __typename id canonicalId kind at ground citation reply recipient { code } subject { id } consultation { id canonicalId kind recipientKind occasion statute askedBy at names recipient { code } } } } mySubject { __typename id canonicalId ... on NaturalPerson { n: name } consultations(first: 2) { totalCount nodes { reply } } } }"),
    Asked("who registered a person", "person-1", "query @purpose(is: SELF_ACCESS) { mySubject { registrations { " + PAGE + " nodes { __typename id canonicalId at actor operatorAct role actingRole channel department { code } subject { id } } } } }"),
    Asked("who registered a company", "company-1", "query @purpose(is: SELF_ACCESS) { mySubject { ... on LegalPerson { registrations { totalCount } } ... on SoleTrader { registrations { totalCount } } ... on OtherOrganisation { registrations { totalCount } } } }"),
    Asked("an association's consultations", "association", "query @purpose(is: CONSULTATION) { consultations { " + PAGE + " edges { cursor node { id names occasion } } } }"),
    Asked("an agent's principal", "agent", SUBJECT + "query($i: ID) @purpose(is: SELF_ACCESS) { mySubject(id: $i) { ...Who } }", {"i": None}),
    Asked("not an agent's principal", "agent", "query($i: ID) @purpose(is: SELF_ACCESS) { mySubject(id: $i) { name } }", {"i": "{person-2}"}),
    Asked("what its applications promise", "clerk", SUBJECT + OWED + COMMITTED + "query @purpose(is: APPLICATION_HANDLING) { applications { nodes { id deferral { ...Owed } commitment { ...Committed application { subject { ...Who } } } } } }"),
    Asked("documents owed at the other window", "other clerk", OWED + "query($t: Date) @purpose(is: APPLICATION_HANDLING) { deferrals(isOpen: true, isOverdue: true, dueUntil: $t) { " + PAGE + " edges { cursor node { ...Owed application { id deferral { id } } } } } }", {"t": "2026-11-20"}),
    Asked("commitments of the department", "handler", COMMITTED + "query($s: ID, $t: Date) @purpose(is: APPLICATION_HANDLING) { commitments(subject: $s, isOpen: false, committedUntil: $t, first: 1) { " + PAGE + " nodes { ...Committed } } }", {"s": "{company-1}", "t": "2026-11-20"}),
    Asked("one's own promises", "company-1", OWED + COMMITTED + "query @purpose(is: SELF_ACCESS) { commitments { nodes { ...Committed } } deferrals { totalCount nodes { ...Owed } } }"),
    Asked("a promise by its id", "person-2", OWED + "query($i: [ID!]!) @purpose(is: SELF_ACCESS) { nodes(ids: $i) { ...Owed ... on Commitment { id facts } } }", {"i": ["{deferral}", "{commitment}"]}),
    Asked("applications of the department", "clerk", SUBJECT + APPLICATION + "query($t: DateTime) @purpose(is: APPLICATION_HANDLING) { applications(filedSince: $t) { " + PAGE + " nodes { ...App subject { ...Who } } } }", {"t": "2026-01-01T00:00:00Z"}),
    Asked("checks and incentives of an application", "clerk", CHECK + GRANTED + "query @purpose(is: APPLICATION_HANDLING) { applications { nodes { id number reminders { totalCount nodes { id number kind issuedOn } } creditChecks { " + PAGE + " nodes { ...Check } } incentives { " + PAGE + " nodes { ...Granted subject { name } application { id } } } } } }"),
    Asked("checks of the department", "clerk", CHECK + "query @purpose(is: CREDIT_CHECK) { creditChecks { " + PAGE + " nodes { ...Check authorisation { id status } subject { name } } } }"),
    Asked("checks about myself", "person-1", CHECK + GRANTED + "query @purpose(is: SELF_ACCESS) { creditChecks { totalCount nodes { ...Check authorisation { id } application { number } subject { name } } } mySubject { applications { nodes { creditChecks(first: 1) { nodes { ...Check } } incentives { nodes { ...Granted } } } } } }"),
    Asked("requests of the department", "clerk", AUTHORISATION + "query @purpose(is: CREDIT_CHECK) { myAuthorisations(first: 4) { totalCount nodes { ...Auth subject { name } } } }"),
    Asked("what an association asked for, without whom", "association", "query @purpose(is: CONSULTATION) { myAuthorisations { " + PAGE + " nodes { id status subject { id name } } } }"),
    Asked("a subject by id", "handler", SUBJECT + "query($i: ID!) @purpose(is: DETERMINATION) { subject(id: $i) { ...Who } viewerless: subject(id: $i) { id } }", {"i": "{person-1}"}),
    Asked("a number nobody has", "handler", "query($n: String!) @purpose(is: DETERMINATION) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { name } }", {"n": "370305190002289904"}),
    Asked("without consent", "clerk", SUBJECT + "query($n: String!) @purpose(is: CREDIT_CHECK) { subjectByIdentifier(kind: ID_NUMBER, number: $n) { ...Who } }", {"n": "{number of person-1}"}),
    Asked("objections of the department", "head", OBJECTION + "query @purpose(is: DETERMINATION) { objections(record: RESTRAINT_CASE) { " + PAGE + " nodes { ...Said subject { name } case { number } } } }"),
    Asked("a reviewer's objections", "reviewer", OBJECTION + 'query($s: ID) @purpose(is: REVIEW) { objections(subject: $s, assignedTo: "reviewer-1") { ' + PAGE + " nodes { ...Said case { number facts } } } }", {"s": "{person-1}"}),
    Asked("the office's objections", "office", OBJECTION + "query @purpose(is: SUPERVISION) { objections { totalCount nodes { ...Said } } }"),
    Asked("my notifications", "person-1", NOTIFICATION + "query($s: ID) @purpose(is: SELF_ACCESS) { myNotifications(subject: $s, seen: false) { " + PAGE + " nodes { ...Told } } }", {"s": "{person-1}"}),
    Asked("my principals' notifications", "agent", NOTIFICATION + "query @purpose(is: SELF_ACCESS) { myNotifications { totalCount nodes { ...Told } } }"),
    Asked("notifications of the window", "clerk", NOTIFICATION + "query @purpose(is: APPLICATION_HANDLING) { departmentNotifications(first: 3) { totalCount nodes { ...Told } } }"),
    Asked("notifications of the head", "head", NOTIFICATION + "query @purpose(is: DETERMINATION) { departmentNotifications { totalCount nodes { ...Told } } }"),
    Asked("my objections", "person-1", OBJECTION + CORRECTION + "query @purpose(is: SELF_ACCESS) { objections { nodes { ...Said } } mySubject { objections { totalCount nodes { ...Said } } corrections { nodes { ...Made } } restraintCases { nodes { number corrections { totalCount nodes { id due { on } dueOn { on } } } objections { nodes { id } } } } } }"),
    Asked("corrections of the department", "handler", CORRECTION + "query($s: ID) @purpose(is: DETERMINATION) { corrections(subject: $s) { " + PAGE + " nodes { ...Made subject { name } case { number } } } }", {"s": None}),
    Asked("what others have to delete", "company-1", DUTY + "query($o: Boolean) @purpose(is: SELF_ACCESS) { deletionDuties(isOpen: $o) { " + PAGE + " nodes { ...Owed } } myAuthorisations(first: 2) { nodes { __typename id canonicalId status deletions { totalCount nodes { ...Owed } } } } }", {"o": None}),
    Asked("what the association has to delete", "association", DUTY + "query @purpose(is: CONSULTATION) { deletionDuties(isOpen: true, late: false) { totalCount nodes { ...Owed } } }"),
    Asked("several roots", "regulator", "query($i: ID!) @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 1) { nodes { number } } subject(id: $i) { name } sectors { totalCount } node(id: $i) { __typename } }", {"i": "{person-1}"}),
)  # fmt: skip


def filled(asked: Asked, world: World) -> dict[str, Any]:
    """Give the variables of a question, with ids and numbers of this world."""
    known = {
        "sector": encode(Entity.SECTOR, MARKET),
        "health": encode(Entity.SECTOR, HEALTH),
        "no sector": encode(Entity.SECTOR, "none"),
        "area": encode(Entity.AREA, WENSHAO),
        "district": encode(Entity.AREA, DISTRICT),
        "department": encode(Entity.DEPARTMENT, SCJG),
        **{name: party.gid for name, party in world.parties.items()},
        **{f"number of {name}": party.number for name, party in world.parties.items()},
        **{f"case {name}": case.gid for name, case in world.cases.items()},
        **{name: held.gid for name, held in world.held.items()},
    }

    def value(given: object) -> object:
        if isinstance(given, list):
            return [value(one) for one in given]
        if isinstance(given, str) and given.startswith("{"):
            return known[given[1:-1]]
        return given

    return {name: value(given) for name, given in asked.variables.items()}
