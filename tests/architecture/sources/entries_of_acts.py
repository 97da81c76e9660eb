"""Which entries of the ledger each mutation and each command leaves, or why it leaves none [5.1.6].

A mutation that succeeds leaves at least one entry of the kinds that stand beside it. `tests/architecture` compares the
table with the code, and `tests/journeys` with what each request has really left.
"""

from collections.abc import Mapping
from typing import Final

_CASE = ("case-step",)
_APPLICATION = ("application-step",)
_CONSENT = ("consent-event",)
_DELEGATION = ("delegation-event",)
_HEARING = ("case-step", "hearing-step")  # of the case that it is about, or else of the record

OF_MUTATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "collectCase", "verifyCase", "noticeCase", "serveCase", "stateDefence", "assignReviewer", "reviewCase",
            "determineCase", "publishCase", "confirmRectification", "referCase", "dropCase", "enterStatement",
            "handOverCase", "confirmTakenOver", "claimRectification", "enterRectificationClaim", "refuseRectification",
            "delayEntries", "extendEntryDelay", "markConfidential", "unmarkConfidential", "collectDefault",
            "collectUnmetCommitment", "removeCase",
        ),
        _CASE,
    ),
    **dict.fromkeys(
        (
            "deferDocuments", "handInDocument", "remindDocuments", "serveReminder", "withdrawDeferral",
            "enterDeferralWithdrawal", "makeCommitment", "completeCommitment", "verifyCommitment",
            "withdrawCommitment", "enterCommitmentWithdrawal", "fileApplication", "acceptApplication",
            "decideApplication", "withdrawApplication", "enterApplicationWithdrawal", "contestWithdrawal",
            "enterWithdrawalContest", "checkCredit", "grantIncentive",
        ),
        _APPLICATION,
    ),
    **dict.fromkeys(
        (
            "reportError", "correctCase", "correctSubject", "recordRecipientTold", "raiseObjection", "enterObjection",
            "assignObjection", "answerObjection",
        ),
        _HEARING,
    ),
    **dict.fromkeys(
        (
            "requestAuthorisation", "recordPaperAuthorisation", "offerAuthorisation", "confirmPaperAuthorisation",
            "decideContest", "grantAuthorisation", "narrowAuthorisation", "refuseAuthorisation",
            "withdrawAuthorisation", "enterAuthorisationWithdrawal", "enterAuthorisationNarrowing",
            "enterAuthorisationRefusal", "enterAuthorisationContest", "contestAuthorisation", "acknowledgeDeletion",
        ),
        _CONSENT,
    ),
    **dict.fromkeys(
        (
            "recordDelegation", "endDelegation", "contestGuardianship", "enterGuardianshipContest",
            "decideGuardianship",
        ),
        _DELEGATION,
    ),
    "registerSubject": ("registration", "case-step", "hearing-step"),  # or the question whether the name is right
    "issueNotice": ("issued-notice",),
    "issueReminder": ("issued-notice",),
    "recordFocusedCheck": ("focused-check",),
    "consult": ("consultation-line", "number-lookup"),  # of whoever is on record; of the others only that was tried
    "markNotificationsSeen": ("subject-event",),
    "resendMessage": ("subject-event",),
}  # fmt: skip

DONE_ONCE: Final = frozenset({"issueNotice", "issueReminder", "markNotificationsSeen", "registerSubject"})
"""The mutations that find done what they were asked for before: then they change nothing and leave nothing."""

MUTATIONS_WITHOUT: Final[Mapping[str, str]] = {
    "markTargetsSeen": "it is about no subject: until which instant a supervisor has looked through its list",
    "subscribeTargets": "it is about no subject: whether a supervisor wants to be told that its list has changed",
    "unsubscribeTargets": "as subscribeTargets",
}
"""The mutations that leave no entry, each with the reason."""

OF_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "serve": ("software-start", "policy-in-force", "key-in-force", "setting-in-force"),
    "import": ("registration", "case-step", "application-step", "number-lookup"),
    "export": ("disclosure", "subject-event"),
    "consult": ("consultation-line", "number-lookup"),
    "calendar add": ("calendar-of-year", "clock-recount"),
    "courier run": ("disclosure", "subject-event", "case-step", "hearing-step"),
    "courier once": ("disclosure", "subject-event", "case-step", "hearing-step"),
    "courier retry": ("subject-event",),
    "reference load": ("reference-data",),
    "documents load": ("reference-data",),
    "documents retire": ("reference-data",),
    "subject refold": ("registration",),
    "subject erase": ("erased-subject",),
    "ledger attest": ("attested-row", "rows-attested", "attestation-closed"),
    "demo reset": ("registration", "consent-event", "delegation-event", "disclosure", "reference-data"),
    "demo seed": ("registration", "consent-event", "delegation-event", "disclosure", "reference-data"),
}

COMMANDS_WITHOUT: Final[Mapping[str, str]] = {
    "figures": "it counts, and shows nobody's data; a year that is closed thereby is a table of figures of its own",
    "account reference": "it computes a reference from an account, and reads no database",
    "account sessions": "it lists times and roles of sessions: whose records were read, their own entries say",
    "account end-sessions": "it ends sessions of browsers, which are on nobody's record; nothing is read by it",
    "calendar check": "it reads the calendar in force",
    "courier status": "it counts messages",
    "courier dead": "it lists messages by their ids: nothing personal is read",
    "db migrate": "it changes the form of tables; the next start states the version of the software",
    "db rebuild": "it makes a derived table again from its rows, which are what they were",
    "demo token": "it makes a token of the demo; what is done with it leaves its entries",
    "demo city-platform": "it serves a stand-in of the other platform, without a database",
    "demo joint-measures": "as demo city-platform",
    "documents check": "it compares a file with the schema and the policy, and has no database",
    "documents list": "it lists documents, in which there is nothing personal",
    "file purge": "it deletes expired uploads, which were attached to nobody's record",
    "focused-check tell": "its messages are about no subject: that a supervisor's list has changed",
    "ledger follow": "it copies what everybody may read, and has no database",
    "ledger sequence": "it gives entries their places, and states in the log `system` what it finds",
    "ledger restore-store": "it copies published tiles back; what a restored database lacks is stated by the sequencer",
    "ledger status": "it counts entries and groups",
    "ledger verify": "it reads what everybody may read, from outside",
    "ledger witness": "it cosigns the logs of others, and has no database",
    "receipt verify": "it reads a file",
    "ledger audit": "it compares what is there, and shows nobody's data; what it finds is an alarm",
    "key create": "it writes a file; the first start with it states its keys",
    "lookups caller": "it computes the keyed hash of an account, and reads no database",
    "notice preview": "it makes a document about nobody",
    "policy check": "it reads tables of the policy",
    "policy explain": "as policy check",
    "policy diff": "as policy check",
    "quarantine list": "it lists items by their ids: nothing personal is read",
    "quarantine show": "the item is on nobody's record yet; a message of the outbox says who read it",
    "quarantine settle": "as quarantine show; what is taken in is imported, and that leaves its entries",
    "schema print": "it prints the schema",
}
"""The commands that leave no entry, each with the reason."""
