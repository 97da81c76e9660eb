"""The table "The least that each needs", cell by cell, as a lawyer would check it [5.1.6].

One line for each role, purpose and scope. Company and person have lines of their own where the requirements differ; a
sole trader's code is an ID number. `-` is withheld. Where a cell is stricter than the requirements the line below
says so.
"""

import pytest

from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actors import Role
from policy.decisions import Decisions, Grant
from queryplan.scopes import Scope

D = DataClass
COLUMNS = (
    D.PERSON_NAME,
    D.ORGANISATION_NAME,
    D.IDENTITY_NUMBER,
    D.ORGANISATION_CODE,
    D.PHONE,
    D.PERSON_ADDRESS,
    D.ORGANISATION_ADDRESS,
    D.RESTRAINT_FLAG,
    D.RESTRAINT_PARTICULARS,
    D.FACTS,
    D.EVIDENCE,
    D.INTERNAL_NOTES,
)

NEEDS = """
# role        purpose               scope           basis            name    company number  code    phone   home    office  flag    dates   facts   evid.   notes   source
clerk         CREDIT_CHECK          all             CONSENT          clear   clear   masked  clear   -       -       -       clear   -       -       -       -       [4.1]
clerk         CREDIT_CHECK          restrained      CONSENT          -       -       -       -       -       -       -       -       clear   -       -       -       [4.1, 5.1.5]
# Of the dates, those of restraints in force: no accusation, and nothing that has ended.
# The personal columns end with their reason: an -open scope holds in records that are open [5.1.6].
clerk         APPLICATION_HANDLING  filed-open      OWN_APPLICATION  clear   clear   masked  clear   masked  -       -       -       -       -       -       -       [4.2.1]
handler       APPLICATION_HANDLING  filed-open      OWN_APPLICATION  clear   clear   masked  clear   masked  -       -       -       -       -       -       -       [4.2.2]
clerk         APPLICATION_HANDLING  submitted-open  OWN_APPLICATION  clear   clear   masked  clear   -       -       -       -       -       -       -       -       [4.2.3]
# Whether the applicant is restrained is what a credit check found that is kept with the application, and nothing else.
handler       DETERMINATION         assigned-open   STATUTE          clear   clear   clear   clear   clear   clear   clear   -       -       clear   clear   clear   [5.1.1]
handler       DETERMINATION         assigned        STATUTE          -       -       -       -       -       -       -       -       clear   -       -       -       [5.1.1]
handler       DETERMINATION         department-open STATUTE          clear   clear   masked  clear   -       -       -       -       -       -       -       -       [5.1.3]
handler       DETERMINATION         department      STATUTE          -       -       -       -       -       -       -       -       clear   masked  -       -       [5.1.3]
head          DETERMINATION         department-open STATUTE          clear   clear   masked  clear   -       -       -       -       -       -       -       -       [5.1.3]
head          DETERMINATION         department      STATUTE          -       -       -       -       -       -       -       -       clear   masked  -       -       [5.1.3]
head          DETERMINATION         to-confirm      STATUTE          -       -       -       -       -       -       -       -       -       clear   clear   -       [5.1.4]
reviewer      REVIEW                reviewing-open  STATUTE          clear   clear   masked  clear   -       -       -       -       -       clear   clear   -       [5.1.4(4)]
reviewer      REVIEW                under-review    STATUTE          -       -       -       -       -       -       -       -       -       -       -       clear   [5.1.4(4)]
reviewer      REVIEW                reviewing       STATUTE          -       -       -       -       -       -       -       -       clear   -       -       -       [5.1.4(4)]
regulator     FOCUSED_CHECK         sector-area     STATUTE          clear   clear   masked  clear   -       masked  clear   clear   clear   clear   -       -       [5.2.2]
# CONSULTATION has none of these columns: the reply of `consult` is a class of its own, and names nobody. Stricter [5.2.3].
platform      PLATFORM_EXCHANGE     restrained      STATUTE          clear   clear   clear   clear   -       clear   clear   clear   clear   clear   masked  -       [5.1.4(5), 6.2]
# "References": the mask, until references have a class of their own. Stricter.
subject       SELF_ACCESS           own             OWN_RIGHT        clear   clear   masked  clear   clear   clear   clear   clear   clear   clear   -       -       [5.1.6]
agent         SELF_ACCESS           delegated    OWN_RIGHT        clear  clear    masked  clear  -       -       -       -      -      -       -       -       [5.1.6]
agent         SELF_ACCESS           delegated-contact    OWN_RIGHT - -      -       -      clear   clear   clear   -      -      -       -       -       [5.1.6]
agent         SELF_ACCESS           delegated-restraint  OWN_RIGHT - -      -       -      -       -       -       clear  clear  -       -       -       [5.1.6]
agent         SELF_ACCESS           delegated-facts      OWN_RIGHT - -      -       -      -       -       -       -      -      clear   -       -       [5.1.6]
# A delegate sees the groups of its delegation: the columns above, split by group.
# "Own and shown to them": withheld until the showing of each piece is recorded. Stricter.
office        SUPERVISION           all             STATUTE          masked  masked  -       -       -       -       -       clear   clear   -       -       -       [6.1]
head          SUPERVISION           department      STATUTE          masked  masked  -       -       -       -       -       -       clear   -       -       -       [6.1]
head          SUPERVISION           filed           STATUTE          masked  masked  -       -       -       -       -       -       -       -       -       -       [6.1]
auditor       AUDIT                 all             STATUTE          masked  masked  -       -       -       -       -       clear   clear   -       -       -       [5.1.6, 6.1]
anonymous     PUBLICITY             published       PUBLICATION      masked  clear   -       -       -       -       -       clear   clear   -       -       -       [5.1.5]
# "Withheld, no digit" covers the company's code too, although it counts as published. Stricter.
"""  # noqa: E501 - a table is read across


def lines() -> list[tuple[Role, Purpose, Scope, Basis, tuple[Form | None, ...]]]:
    forms = {"clear": Form.CLEAR, "masked": Form.MASKED, "-": None}
    rows = [line.split("[")[0].split() for line in NEEDS.splitlines() if line and not line.startswith("#")]
    return [
        (Role(role), Purpose(purpose), Scope(scope), Basis(basis), tuple(forms[cell] for cell in cells))
        for role, purpose, scope, basis, *cells in rows
    ]


def grants(table: Decisions, role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
    found = table.read(role, purpose, data_class)
    return found if isinstance(found, tuple) else ()


@pytest.mark.parametrize(
    ("role", "purpose", "scope", "basis", "data_class", "form"),
    [
        pytest.param(
            role,
            purpose,
            scope,
            basis,
            data_class,
            form,
            id=f"{role}-{purpose}-{scope}-{data_class}-{form or 'withheld'}",
        )
        for role, purpose, scope, basis, forms in lines()
        for data_class, form in zip(COLUMNS, forms, strict=True)
    ],
)
def test_each_purpose_shows_the_least_that_it_needs(table: Decisions, role, purpose, scope, basis, data_class, form):
    shown = [grant for grant in grants(table, role, purpose, data_class) if grant.scope is scope]
    assert [(grant.form, grant.basis) for grant in shown] == ([(form, basis)] if form else [])


@pytest.mark.parametrize("role", Role)
def test_everyone_reads_the_public_list_alike(table: Decisions, role: Role):
    """Without a token or with any, the admin's too, who has no other personal data [5.1.5] [5.1.6]."""
    for data_class in DataClass:
        as_anybody = grants(table, Role.ANONYMOUS, Purpose.PUBLICITY, data_class)
        assert grants(table, role, Purpose.PUBLICITY, data_class) == as_anybody


def test_no_line_of_the_table_is_missing(table: Decisions):
    """Whatever the policy grants of these columns stands in the table above, in exactly those scopes."""
    listed = {(role, purpose, scope) for role, purpose, scope, _, _ in lines()}
    granted = {
        (role, purpose, grant.scope)
        for role in Role
        for purpose in Purpose
        for data_class in COLUMNS
        for grant in grants(table, role, purpose, data_class)
        if purpose is not Purpose.PUBLICITY or role is Role.ANONYMOUS
    }
    assert granted == listed


PURPOSES = {
    Role.ANONYMOUS: "PUBLICITY",
    Role.SUBJECT: "SELF_ACCESS PUBLICITY",
    Role.AGENT: "SELF_ACCESS PUBLICITY",
    Role.CLERK: "CREDIT_CHECK APPLICATION_HANDLING PUBLICITY",
    Role.HANDLER: "APPLICATION_HANDLING DETERMINATION PUBLICITY",
    Role.REVIEWER: "REVIEW PUBLICITY",
    Role.HEAD: "DETERMINATION CONSULTATION SUPERVISION PUBLICITY",
    Role.REGULATOR: "FOCUSED_CHECK PUBLICITY",
    Role.ASSOCIATION: "CONSULTATION PUBLICITY",
    Role.PLATFORM: "PLATFORM_EXCHANGE PUBLICITY",
    Role.OFFICE: "SUPERVISION PUBLICITY",
    Role.AUDITOR: "AUDIT PUBLICITY",
    Role.ADMIN: "PUBLICITY",
}


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_purposes_and_no_other(table: Decisions, role: Role):
    assert table.purposes_of(role) == tuple(Purpose(word) for word in PURPOSES[role].split())


def test_a_group_of_all_leaves_none_out(table: Decisions):
    """A deny for any purpose, or of all that is personal, is also about a purpose or class that is new [5.1.6]."""
    groups = table.rules.groups
    assert set(groups.purposes["any-purpose"]) == set(Purpose)
    assert set(groups.purposes["beyond-publicity"]) == set(Purpose) - {Purpose.PUBLICITY}
    assert set(groups.roles["everyone"]) == set(Role)
    assert set(groups.classes["personal"]) == set(DataClass) - WITHOUT_PURPOSE - {DataClass.FIGURES, DataClass.OUTBOX}


@pytest.mark.parametrize("purpose", Purpose)
def test_where_a_person_lives_is_shown_as_far_as_its_address(table: Decisions, purpose: Purpose):
    """The township is the masked form of the address, so it has the same rows [5.1.6]."""
    for role in Role:
        address = {grant.scope for grant in grants(table, role, purpose, DataClass.PERSON_ADDRESS)}
        assert {grant.scope for grant in grants(table, role, purpose, DataClass.PERSON_AREA)} == address, role
