"""Who does what to what, for which purpose: the rest of the policy beside the table of needs (test_needs)."""

import pytest

from consent.templates import catalogue
from consent.vocabulary import Basis, DataClass, Form, Purpose
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Decisions, Grant, Withheld, WithheldReason
from queryplan.scopes import Scope

# who | does | to what | for | -> in which scope, or refused because, and what would unlock
PERMISSIONS = """
# Authorisations: asked for, given and taken back [5.1.6]
clerk       | write | AUTHORISATION            | CREDIT_CHECK         | submitted
clerk       | read  | AUTHORISATION            | CREDIT_CHECK         | submitted
association | write | AUTHORISATION            | CONSULTATION         | consulted
head        | write | AUTHORISATION            | CONSULTATION         | consulted
subject     | write | AUTHORISATION            | SELF_ACCESS          | own
agent       | write | AUTHORISATION            | SELF_ACCESS          | delegated
subject     | read  | AUTHORISATION            | SELF_ACCESS          | own
auditor     | read  | AUTHORISATION            | AUDIT                | all
clerk       | write | AUTHORISATION            | SELF_ACCESS          | role      | purpose:CREDIT_CHECK
clerk       | write | AUTHORISATION            | APPLICATION_HANDLING | necessity | purpose:CREDIT_CHECK
handler     | write | AUTHORISATION            | CREDIT_CHECK         | role      | role:clerk
auditor     | write | AUTHORISATION            | AUDIT                | role      |
platform    | read  | AUTHORISATION            | PLATFORM_EXCHANGE    | necessity |
office      | read  | AUTHORISATION            | SUPERVISION          | contested
office      | transition | AUTHORISATION       | SUPERVISION          | contested
head        | read  | AUTHORISATION            | SUPERVISION          | contested-here
head        | transition | AUTHORISATION       | SUPERVISION          | contested-here
subject     | write | AUTHORISATION            | none                 | necessity | purpose:SELF_ACCESS

# What a credit check found: who checked, and whom it is about [4.1] [5.1.6]
clerk       | write | CREDIT_FINDING           | CREDIT_CHECK         | department
clerk       | read  | CREDIT_FINDING           | CREDIT_CHECK         | filed-open
clerk       | read  | CREDIT_FINDING           | APPLICATION_HANDLING | filed-open
subject     | read  | CREDIT_FINDING           | SELF_ACCESS          | own
agent       | read  | CREDIT_FINDING           | SELF_ACCESS          | delegated-applications
handler     | read  | CREDIT_FINDING           | APPLICATION_HANDLING | filed-open
regulator   | read  | CREDIT_FINDING           | FOCUSED_CHECK        | necessity |
head        | read  | CREDIT_FINDING           | SUPERVISION          | necessity |
office      | read  | CREDIT_FINDING           | SUPERVISION          | necessity |
auditor     | read  | CREDIT_FINDING           | AUDIT                | necessity |
platform    | read  | CREDIT_FINDING           | PLATFORM_EXCHANGE    | necessity |
association | read  | CREDIT_FINDING           | CONSULTATION         | necessity |
admin       | read  | CREDIT_FINDING           | CREDIT_CHECK         | role      | role:clerk

# Applications: filed and granted at the window, taken on by its officers, withdrawn by the applicant [4.2]
clerk       | write | APPLICATION              | APPLICATION_HANDLING | submitted
handler     | transition | APPLICATION         | APPLICATION_HANDLING | filed
subject     | transition | APPLICATION         | SELF_ACCESS          | own
agent       | transition | APPLICATION         | SELF_ACCESS          | delegated
handler     | write | APPLICATION              | APPLICATION_HANDLING | role      | role:clerk
subject     | write | APPLICATION              | SELF_ACCESS          | role      |
regulator   | read  | APPLICATION              | FOCUSED_CHECK        | necessity |

# Who read what: the subject, its delegate, the auditor, and nobody else [5.1.6]
subject     | read  | ACCESS_LOG               | SELF_ACCESS          | own
agent       | read  | ACCESS_LOG               | SELF_ACCESS          | delegated-oversight
auditor     | read  | ACCESS_LOG               | AUDIT                | all
subject     | read  | ACCESS_DETAIL            | SELF_ACCESS          | own
agent       | read  | ACCESS_DETAIL            | SELF_ACCESS          | delegated-oversight
auditor     | read  | ACCESS_DETAIL            | AUDIT                | by-others
office      | read  | ACCESS_LOG               | SUPERVISION          | answering
reviewer    | read  | ACCESS_LOG               | REVIEW               | reviewing-open
reviewer    | read  | ACCESS_DETAIL            | REVIEW               | reviewing-open
head        | read  | ACCESS_LOG               | DETERMINATION        | necessity |
clerk       | read  | ACCESS_LOG               | SELF_ACCESS          | role      | role:subject,agent
admin       | read  | ACCESS_LOG               | AUDIT                | role      | role:auditor
auditor     | write | ACCESS_LOG               | AUDIT                | role      |

# Delegations: those concerned [5.1.6]
subject     | read  | DELEGATION               | SELF_ACCESS          | own
agent       | read  | DELEGATION               | SELF_ACCESS          | delegated
subject     | write | DELEGATION               | SELF_ACCESS          | own
agent       | write | DELEGATION               | SELF_ACCESS          | delegated
clerk       | read  | DELEGATION               | APPLICATION_HANDLING | recorded
clerk       | write | DELEGATION               | APPLICATION_HANDLING | recorded
head        | read  | DELEGATION               | SUPERVISION          | recorded-contested
head        | transition | DELEGATION          | SUPERVISION          | recorded-contested
office      | read  | DELEGATION               | SUPERVISION          | contested
office      | transition | DELEGATION          | SUPERVISION          | contested
head        | read  | DELEGATION               | DETERMINATION        | necessity | purpose:SUPERVISION
handler     | read  | DELEGATION               | DETERMINATION        | necessity |
reviewer    | read  | DELEGATION               | REVIEW               | necessity |
regulator   | read  | DELEGATION               | FOCUSED_CHECK        | necessity |
clerk       | read  | DELEGATION               | CREDIT_CHECK         | necessity | purpose:APPLICATION_HANDLING
association | read  | DELEGATION               | CONSULTATION         | necessity |
platform    | read  | DELEGATION               | PLATFORM_EXCHANGE    | necessity |
auditor     | read  | DELEGATION               | AUDIT                | necessity |
admin       | read  | DELEGATION               | SUPERVISION          | role      | role:head,office
clerk       | transition | DELEGATION          | APPLICATION_HANDLING | role      |
handler     | read  | DELEGATION               | APPLICATION_HANDLING | role      | role:clerk
handler     | write | DELEGATION               | DETERMINATION        | necessity |

# Issued documents: who issues them, and whom they are about [A] [5.1.4(2)] [5.1.5]
handler     | read  | NOTICE                   | DETERMINATION        | assigned
handler     | write | NOTICE                   | DETERMINATION        | assigned
handler     | read  | NOTICE_CONTENT           | DETERMINATION        | assigned-open
clerk       | read  | NOTICE_CONTENT           | APPLICATION_HANDLING | filed-open
reviewer    | write | NOTICE                   | REVIEW               | reviewing
reviewer    | read  | NOTICE                   | REVIEW               | reviewing reviewing-open
reviewer    | read  | APPLICATION              | REVIEW               | reviewing-open
reviewer    | read  | CREDIT_FINDING           | REVIEW               | necessity |
reviewer    | read  | NOTICE_CONTENT           | REVIEW               | reviewing-open
subject     | read  | NOTICE_CONTENT           | SELF_ACCESS          | own
agent       | read  | NOTICE_CONTENT           | SELF_ACCESS          | delegated-facts delegated-applications
head        | read  | NOTICE_CONTENT           | DETERMINATION        | role      | role:handler
reviewer    | read  | OBJECTION_TEXT           | REVIEW               | reviewing-open
reviewer    | read  | OBJECTION                | REVIEW               | reviewing
subject     | read  | NOTICE                   | SELF_ACCESS          | own
subject     | write | NOTICE                   | SELF_ACCESS          | own
agent       | read  | NOTICE                   | SELF_ACCESS          | delegated-facts delegated-applications
clerk       | write | NOTICE                   | APPLICATION_HANDLING | role      |
head        | read  | NOTICE                   | DETERMINATION        | role      | role:handler
office      | read  | NOTICE                   | SUPERVISION          | necessity |
platform    | read  | NOTICE                   | PLATFORM_EXCHANGE    | necessity |

# The number in the clear, asked for by its owner [5.1.6]
subject     | read  | IDENTITY_NUMBER_REVEALED | SELF_ACCESS          | own
subject     | read  | IDENTITY_NUMBER          | SELF_ACCESS          | necessity |
subject     | mask  | IDENTITY_NUMBER          | SELF_ACCESS          | own
agent       | read  | IDENTITY_NUMBER_REVEALED | SELF_ACCESS          | role      | role:subject
handler     | read  | IDENTITY_NUMBER_REVEALED | DETERMINATION        | necessity |

# Registering subjects [4.2], taking in cases [5.1.3]
clerk       | write | SUBJECT                  | APPLICATION_HANDLING | submitted
handler     | write | SUBJECT                  | DETERMINATION        | department
handler     | write | CASE_PROCEDURE           | DETERMINATION        | department
platform    | write | CASE_PROCEDURE           | PLATFORM_EXCHANGE    | all
platform    | write | SUBJECT                  | PLATFORM_EXCHANGE    | all
clerk       | write | SUBJECT                  | CREDIT_CHECK         | role      | purpose:APPLICATION_HANDLING
subject     | write | SUBJECT                  | SELF_ACCESS          | role      |
reviewer    | write | CASE_PROCEDURE           | REVIEW               | role      |
clerk       | write | CASE_PROCEDURE           | DETERMINATION        | role      | role:handler
handler     | write | CASE_PROCEDURE           | none                 | necessity | purpose:DETERMINATION
admin       | write | SUBJECT                  | APPLICATION_HANDLING | role      | role:clerk

# Taking the steps of a case: which step is whose is a rule of the procedure, not of the tables [5.1.4]
handler     | transition | CASE_PROCEDURE      | DETERMINATION        | assigned
head        | transition | CASE_PROCEDURE      | DETERMINATION        | department
reviewer    | transition | CASE_PROCEDURE      | REVIEW               | reviewing
subject     | transition | CASE_PROCEDURE      | SELF_ACCESS          | own
agent       | transition | CASE_PROCEDURE      | SELF_ACCESS          | delegated
clerk       | transition | CASE_PROCEDURE      | DETERMINATION        | role      | role:handler,head
head        | transition | CASE_PROCEDURE      | SUPERVISION          | role      | purpose:DETERMINATION
reviewer    | transition | CASE_PROCEDURE      | DETERMINATION        | role      | purpose:REVIEW
office      | transition | CASE_PROCEDURE      | SUPERVISION          | role      |
platform    | transition | CASE_PROCEDURE      | PLATFORM_EXCHANGE    | role      |
admin       | transition | CASE_PROCEDURE      | DETERMINATION        | role      | role:handler,head

# What was stated in defence: those who hear it, and who said it [5.1.4(3)]
clerk       | read  | EVIDENCE_FILE            | CREDIT_CHECK         | submitted
clerk       | read  | EVIDENCE_FILE            | APPLICATION_HANDLING | filed-open recorded
handler     | read  | EVIDENCE_FILE            | APPLICATION_HANDLING | filed-open
handler     | read  | EVIDENCE_FILE            | DETERMINATION        | assigned-open
reviewer    | read  | EVIDENCE_FILE            | REVIEW               | reviewing-open
regulator   | read  | EVIDENCE_FILE            | FOCUSED_CHECK        | sector-area
regulator   | read  | FOCUSED_CHECK            | FOCUSED_CHECK        | checked sector-area
regulator   | read  | SUBJECT                  | FOCUSED_CHECK        | checked sector-area
subject     | read  | EVIDENCE_FILE            | SELF_ACCESS          | own
agent       | read  | EVIDENCE_FILE            | SELF_ACCESS          | delegated delegated-facts
agent       | write | EVIDENCE_FILE            | SELF_ACCESS          | delegated-facts
head        | read  | EVIDENCE_FILE            | SUPERVISION          | contested-here recorded-contested
head        | write | EVIDENCE_FILE            | SUPERVISION          | contested-here
office      | read  | EVIDENCE_FILE            | SUPERVISION          | contested answering
platform    | read  | EVIDENCE_FILE            | PLATFORM_EXCHANGE    | necessity |
auditor     | read  | EVIDENCE_FILE            | AUDIT                | necessity |
head        | read  | EVIDENCE_FILE            | DETERMINATION        | department to-confirm
head        | write | EVIDENCE_FILE            | DETERMINATION        | department
clerk       | write | EVIDENCE_FILE            | DETERMINATION        | role      | purpose:CREDIT_CHECK,APPLICATION_HANDLING
association | read  | EVIDENCE_FILE            | CONSULTATION         | necessity |
anonymous   | read  | EVIDENCE_FILE            | PUBLICITY            | necessity |
anonymous   | write | EVIDENCE_FILE            | SELF_ACCESS          | role      | role:subject,agent
anonymous   | read  | CONSULTATION_REPLY       | PUBLICITY            | necessity |
regulator   | read  | CONSULTATION_REPLY       | FOCUSED_CHECK        | necessity |
platform    | write | EVIDENCE_FILE            | PLATFORM_EXCHANGE    | necessity |
subject     | write | EVIDENCE_FILE            | none                 | necessity | purpose:SELF_ACCESS
regulator   | read  | EVIDENCE_FILE            | DETERMINATION        | role      | purpose:FOCUSED_CHECK
office      | write | AUTHORISATION            | SUPERVISION          | role      |
clerk       | transition | AUTHORISATION       | CREDIT_CHECK         | role      |
handler     | transition | AUTHORISATION       | SUPERVISION          | role      | role:head,office
handler     | read  | STATEMENT                | DETERMINATION        | assigned-open
reviewer    | read  | STATEMENT                | REVIEW               | reviewing-open
subject     | read  | STATEMENT                | SELF_ACCESS          | own
agent       | read  | STATEMENT                | SELF_ACCESS          | delegated-facts
head        | read  | STATEMENT                | DETERMINATION        | role      | role:handler
regulator   | read  | STATEMENT                | FOCUSED_CHECK        | necessity |
platform    | read  | STATEMENT                | PLATFORM_EXCHANGE    | necessity |
office      | read  | STATEMENT                | SUPERVISION          | necessity |

# Where a person lives, as its address; the text of documents and of objections [5.1.5] [5.1.6]
handler     | read  | PERSON_AREA              | DETERMINATION        | assigned-open
regulator   | read  | PERSON_AREA              | FOCUSED_CHECK        | sector-area
anonymous   | read  | PERSON_AREA              | PUBLICITY            | necessity |
clerk       | read  | PERSON_AREA              | CREDIT_CHECK         | necessity |
clerk       | read  | PERSON_AREA              | APPLICATION_HANDLING | necessity |
reviewer    | read  | PERSON_AREA              | REVIEW               | necessity |
office      | read  | PERSON_AREA              | SUPERVISION          | necessity |
auditor     | read  | PERSON_AREA              | AUDIT                | necessity |
head        | read  | PERSON_AREA              | DETERMINATION        | role      | role:handler
clerk       | read  | NOTICE_CONTENT           | CREDIT_CHECK         | necessity | purpose:APPLICATION_HANDLING
office      | read  | NOTICE_CONTENT           | SUPERVISION          | necessity |
auditor     | read  | NOTICE_CONTENT           | AUDIT                | necessity |
association | read  | NOTICE_CONTENT           | CONSULTATION         | necessity |
platform    | read  | NOTICE_CONTENT           | PLATFORM_EXCHANGE    | necessity |
regulator   | read  | NOTICE_CONTENT           | FOCUSED_CHECK        | necessity |
auditor     | read  | OBJECTION_TEXT           | AUDIT                | necessity |
head        | read  | OBJECTION_TEXT           | SUPERVISION          | role      | role:office

# The steps of a case [5.1.4]
handler     | read  | CASE_PROCEDURE           | DETERMINATION        | department assigned
head        | read  | CASE_PROCEDURE           | DETERMINATION        | department
reviewer    | read  | CASE_PROCEDURE           | REVIEW               | reviewing
subject     | read  | CASE_PROCEDURE           | SELF_ACCESS          | own
office      | read  | CASE_PROCEDURE           | SUPERVISION          | all
regulator   | read  | CASE_PROCEDURE           | FOCUSED_CHECK        | necessity |
platform    | read  | CASE_PROCEDURE           | PLATFORM_EXCHANGE    | necessity |
auditor     | read  | CASE_PROCEDURE           | AUDIT                | necessity |
anonymous   | read  | CASE_PROCEDURE           | PUBLICITY            | necessity |

# Consultations: the asker learns the replies, the subject what was replied; nobody looks a number up for it [5.2.3]
head        | write | CONSULTATION             | CONSULTATION         | department
association | write | CONSULTATION             | CONSULTATION         | department
head        | read  | CONSULTATION_REPLY       | CONSULTATION         | department
association | read  | CONSULTATION_REPLY       | CONSULTATION         | department
subject     | read  | CONSULTATION_REPLY       | SELF_ACCESS          | own
agent       | read  | CONSULTATION_REPLY       | SELF_ACCESS          | delegated-restraint
head        | read  | SUBJECT                  | CONSULTATION         | necessity | purpose:DETERMINATION,SUPERVISION,PUBLICITY
association | read  | SUBJECT_SEARCH           | CONSULTATION         | necessity |
association | mask  | PERSON_NAME              | CONSULTATION         | necessity | purpose:PUBLICITY
head        | read  | RESTRAINT_FLAG           | CONSULTATION         | necessity | purpose:PUBLICITY
clerk       | read  | CONSULTATION_REPLY       | CONSULTATION         | role      | role:head,association
office      | read  | CONSULTATION_REPLY       | SUPERVISION          | necessity |

# Applications
clerk       | read  | APPLICATION              | APPLICATION_HANDLING | filed
handler     | read  | APPLICATION              | APPLICATION_HANDLING | filed
subject     | read  | APPLICATION              | SELF_ACCESS          | own
clerk       | read  | APPLICATION              | CREDIT_CHECK         | necessity | purpose:APPLICATION_HANDLING
# The steps of what it promises: the window's, and the applicant withdraws [4.2.2] [4.2.3]
clerk       | transition | APPLICATION         | APPLICATION_HANDLING | filed
handler     | transition | APPLICATION         | APPLICATION_HANDLING | filed
subject     | transition | APPLICATION         | SELF_ACCESS          | own
agent       | transition | APPLICATION         | SELF_ACCESS          | delegated
clerk       | transition | APPLICATION         | CREDIT_CHECK         | necessity | purpose:APPLICATION_HANDLING
head        | transition | APPLICATION         | APPLICATION_HANDLING | role      | role:clerk,handler
regulator   | transition | APPLICATION         | FOCUSED_CHECK        | necessity |
office      | transition | APPLICATION         | SUPERVISION          | necessity |
regulator   | read  | APPLICATION              | FOCUSED_CHECK        | necessity |

# Nobody borrows another's purpose [5.1.6]
clerk       | mask  | FACTS                    | FOCUSED_CHECK        | role      | role:regulator
regulator   | mask  | FACTS                    | DETERMINATION        | role      | purpose:FOCUSED_CHECK
head        | mask  | FACTS                    | REVIEW               | role      | purpose:DETERMINATION
anonymous   | mask  | PERSON_NAME              | SUPERVISION          | role      | purpose:PUBLICITY
admin       | mask  | PERSON_NAME              | PUBLICITY            | published
admin       | mask  | PHONE                    | PUBLICITY            | necessity |
admin       | mask  | PERSON_NAME              | SUPERVISION          | role      | purpose:PUBLICITY
admin       | mask  | SUBJECT                  | AUDIT                | role      | purpose:PUBLICITY
anonymous   | mask  | FACTS                    | none                 | role      | role:subject,agent,handler,reviewer,head,regulator,platform
anonymous   | mask  | IDENTITY_NUMBER          | PUBLICITY            | necessity |
head        | mask  | PHONE                    | DETERMINATION        | role      | role:handler

# About nobody: everybody, with a purpose or without; but only to read
anonymous   | read  | REFERENCE                | none                 | all
admin       | read  | SESSION                  | none                 | all
clerk       | read  | REFERENCE                | CREDIT_CHECK         | all
admin       | write | REFERENCE                | none                 | role      |
"""  # noqa: E501 - a table is read across


def permissions() -> list[list[str]]:
    rows = [line for line in PERMISSIONS.splitlines() if line and not line.startswith("#")]
    return [[cell.strip() for cell in row.split("|")] for row in rows]


@pytest.mark.parametrize("row", permissions(), ids=lambda row: " ".join(row[:5]))
def test_permissions(table: Decisions, row: list[str]):
    who, does, what, purpose, outcome, *unlock = row
    given = None if purpose == "none" else Purpose(purpose)
    found = table.act(Role(who), given, DataClass(what), Action(does))
    if unlock:
        assert found == Withheld(WithheldReason(outcome), unlock[0])
    else:
        assert found == tuple(Scope(word) for word in outcome.split())


def test_as_many_refusals_as_permissions():
    refused = sum(len(row) == 6 for row in permissions())
    assert refused >= len(permissions()) - refused


def test_grants_stand_from_the_clearest_and_widest_to_the_least(table: Decisions):
    """A handler sees assigned cases whole, the department's others less [5.1.1]."""
    assert table.read(Role.HANDLER, Purpose.DETERMINATION, DataClass.FACTS) == (
        Grant(Scope.ASSIGNED_OPEN, Form.CLEAR, Basis.STATUTE, "5.1.3"),
        Grant(Scope.DEPARTMENT, Form.MASKED, Basis.STATUTE, "5.1.3"),
    )


def test_what_nobody_can_be_shown_is_withheld_as_unclassified(table: Decisions):
    unknown = table.classes.get("Subject.shoeSize")
    assert table.read(Role.HANDLER, Purpose.DETERMINATION, unknown) == Withheld(WithheldReason.UNCLASSIFIED, "")
    assert table.act(Role.HANDLER, Purpose.DETERMINATION, unknown, Action.WRITE) == Withheld(
        WithheldReason.UNCLASSIFIED, ""
    )


@pytest.mark.parametrize("role", Role)
def test_without_a_purpose_nobody_sees_anything_personal(table: Decisions, role: Role):
    """There is no default purpose [5.1.6]."""
    shown = {data_class for data_class in DataClass if isinstance(table.read(role, None, data_class), tuple)}
    assert shown == {DataClass.REFERENCE, DataClass.SESSION}
    acted = {
        (data_class, action)
        for data_class in DataClass
        for action in Action
        if isinstance(table.act(role, None, data_class, action), tuple)
    }
    assert acted == {(data_class, action) for data_class in shown for action in (Action.MASK, Action.READ)}


def test_every_purpose_that_rests_on_consent_has_a_template(table: Decisions):
    """Without one its subjects could never be asked [5.1.6]."""
    rests = {Purpose(row.purpose) for row in table.rules.need if row.basis is Basis.CONSENT}
    assert rests == set(catalogue())


def test_a_grant_on_the_basis_of_consent_can_be_asked_for(table: Decisions):
    """Consent is decided in the statement that reads, never by the table, which only names it as the basis."""
    reasons = {
        found.reason
        for role in Role
        for purpose in (None, *Purpose)
        for data_class in DataClass
        if isinstance(found := table.read(role, purpose, data_class), Withheld)
    }
    assert reasons == {WithheldReason.ROLE, WithheldReason.NECESSITY}
