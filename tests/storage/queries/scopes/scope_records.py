"""Records of every entity, inside and outside each scope."""

from datetime import date, timedelta

from storage.tables import focused_checks
from tests.storage import rows
from tests.storage.rows import TODAY, Row, key

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
SUBJECTS = ("one", "two", "three", "four", "five", "six", "secret")


def records() -> list[Row]:
    """Give the records that the table of the scopes names."""
    return [
        rows.subject("one"),
        rows.subject("two", area_code="370305002"),
        rows.subject("three", area_code="370306"),
        rows.subject("four"),
        rows.subject("five"),
        rows.subject("six"),
        rows.subject("secret"),
        rows.restraint("in force", of="one", reviewer_ref="reviewer-1"),
        rows.restraint("in force, other sector", of="one", sector_code="S2", department_code="D2"),
        rows.restraint("other area now", of="three", area_code="370305001"),
        rows.restraint("moved into the area", of="two", area_code="370306", handler_ref="handler-2"),
        rows.restraint("ended", of="four", ends_on=YESTERDAY, rectified_on=date(2026, 2, 1)),
        rows.restraint("not yet published", of="six", published_on=None, ends_on=None, department_code="D2"),
        rows.restraint("own review", of="six", published_on=None, ends_on=None, reviewer_ref="handler-1"),
        rows.restraint("being verified", of="six", determined_on=None, published_on=None, ends_on=None),
        rows.restraint("noticed", of="six", determined_on=None, published_on=None, ends_on=None, noticed_on=rows.TODAY),
        rows.restraint("state secret", of="secret", confidential=True, reviewer_ref="reviewer-1"),
        *(
            put_down(f"{what} of {case}", of=of, case=case, **more)
            for put_down, what, more in (
                (rows.case_step, "step", {}),
                (rows.case_step, "mark", {"step": "UNMARKED"}),
                (rows.case_statement, "words", {}),
                (rows.facts_version, "version", {}),
            )
            for case, of in (
                ("in force", "one"),
                ("noticed", "six"),
                ("being verified", "six"),
                ("state secret", "secret"),
            )
        ),
        rows.application("filed", of="four"),
        rows.application("filed elsewhere", of="five", department_code="D2"),
        rows.application("secret filing", of="secret", confidential=True),
        rows.registration("of five", of="five"),
        rows.registration("of four, who then filed", of="four"),
        rows.registration("with a case", of="six", case_id=key("noticed")),
        rows.authorisation("to us", of="one", paper_evidence="paper"),
        rows.authorisation("to others", of="one", recipient_code="D2", contested_at=rows.EARLIER),
        rows.deletion_duty("received by us", of="one"),
        rows.deletion_duty("received by others", of="one", recipient_code="D2"),
        rows.authorisation("for a consultation", of="three", recipient_code="D2", purpose="CONSULTATION"),
        rows.access_entry("read by itself", of="six", purpose="SELF_ACCESS", role="subject", department_code=None),
        rows.access_entry("read by us", of="one"),
        rows.access_entry("read by others", of="two", department_code="D2"),
        # The day that an entry carries is that of its recording: the delay may have been extended since, or ended.
        *(
            row
            for name, opens_on, carried in (
                ("opened", rows.TODAY, rows.TODAY),
                ("opens tomorrow", TOMORROW, TOMORROW),
                ("extended", TOMORROW, YESTERDAY),
                ("ended by the notice", YESTERDAY, TOMORROW),
            )
            for row in (
                rows.entry_delay(f"delay: {name}", of="one", opens_on=opens_on, case_id=key("being verified")),
                rows.access_entry(f"delayed: {name}", of="one", delay_id=key(f"delay: {name}"), opens_on=carried),
            )
        ),
        rows.delegation("live", of="two"),
        rows.delegation("expired", of="three", expires_on=YESTERDAY),
        rows.delegation("withdrawn", of="four", withdrawn_at=rows.EARLIER),
        rows.delegation("somebody else's", of="two", delegate_ref="agent-2"),
        # IDENTITY and RESTRAINT; IDENTITY and APPLICATIONS; not begun yet. None may consent or object.
        rows.delegation("restraint", of="one", delegate_ref="agent-3", groups=5, powers=2, department_code="D1"),
        rows.delegation("applications", of="four", delegate_ref="agent-3", groups=17, powers=8),
        rows.delegation("tomorrow's", of="six", delegate_ref="agent-3", starts_on=TOMORROW),
        rows.delegation(
            "guardian in dispute",
            of="four",
            delegate_ref="agent-4",
            kind="GUARDIAN",
            contested_at=rows.EARLIER,
            department_code="D1",
        ),
        rows.delegation(
            "guardian after it",
            of="four",
            delegate_ref="agent-5",
            kind="GUARDIAN",
            contested_at=rows.EARLIER,
            contest_decided_at=rows.EARLIER,
            department_code="D2",
        ),
        rows.correction("of identity", of="one", case="", case_id=None, objection_id=key("ours to answer")),
        rows.correction("of the name", of="one", case="", case_id=None),
        rows.correction(
            "corrected",
            of="one",
            case="",
            case_id=None,
            objection_id=key("ours to answer"),
            done_on=rows.TODAY,
            completed_on=rows.TODAY,
        ),
        *rows.file("power of attorney", of="two", record="DELEGATION", to="live"),
        *rows.file("of somebody else", of="two", record="DELEGATION", to="somebody else's"),
        *rows.file("of the office", of="one", record="DELEGATION", to="restraint"),
        *rows.file("judgment", of="four", record="DELEGATION", to="guardian in dispute"),
        *rows.file("judgment after it", of="four", record="DELEGATION", to="guardian after it"),
        *rows.file("right address", of="one", record="CORRECTION", to="of identity"),
        *rows.file("another's card", of="one", record="CORRECTION", to="of the name"),
        *rows.file("corrected paper", of="one", record="CORRECTION", to="corrected"),
        rows.issued_notice("notice of one", of="one", case="in force"),
        rows.issued_notice("notice of two", of="two", case="moved into the area"),
        rows.issued_notice("before it is handed over", of="six", case="being verified"),
        rows.issued_notice("handed over", of="six", case="noticed"),
        rows.issued_notice("secret notice", of="secret", case="state secret"),
        rows.issued_notice("of no case", of="one", case="of nobody"),
        rows.issued_notice("reminder", of="four", case="", case_id=None, application_id=key("filed")),
        rows.objection("ours to answer", of="one", case="in force", assigned_ref="reviewer-1"),
        rows.objection(
            "the office's",
            of="two",
            case="",
            case_id=None,
            record="SUBJECT",
            record_id=key("two"),
            department_code="DISTRICT-OFFICE",
            assigned_ref="office-1",
        ),
        *rows.file("in evidence", of="one", record="RESTRAINT_CASE", to="in force"),
        *rows.file("given in defence", of="one", record="RESTRAINT_CASE", to="in force", uploaded_as="agent"),
        *rows.file("reviewed", of="six", record="RESTRAINT_CASE", to="own review"),
        *rows.file("before the notice", of="six", record="RESTRAINT_CASE", to="being verified", uploaded_as="subject"),
        *rows.file("secret file", of="secret", record="RESTRAINT_CASE", to="state secret", uploaded_as="subject"),
        *rows.file("with the objection", of="one", record="OBJECTION", to="ours to answer", uploaded_as="subject"),
        *rows.file("with the answer", of="one", record="OBJECTION", to="ours to answer"),
        *rows.file("for the office", of="two", record="OBJECTION", to="the office's", uploaded_as="subject"),
        *rows.file("handed in", of="four", record="APPLICATION", to="filed"),
        *rows.file("with a secret filing", of="secret", record="APPLICATION", to="secret filing"),
        *rows.file("paper to us", of="one", record="AUTHORISATION", to="to us"),
        *rows.file("paper to others", of="one", record="AUTHORISATION", to="to others"),
        rows.filled(focused_checks, "visit", of="one", check_id=key("visit"), sector_code="S1", area_code="370305001"),
        rows.filled(
            focused_checks,
            "other visit",
            of="one",
            check_id=key("other visit"),
            sector_code="S2",
            area_code="370305001",
        ),
        *rows.file("seen at a visit", of="one", record="FOCUSED_CHECK", to="visit", uploaded_as="regulator"),
        *rows.file("seen elsewhere", of="one", record="FOCUSED_CHECK", to="other visit", uploaded_as="regulator"),
        *rows.file("of nobody's record", of="one", record="RESTRAINT_CASE", to="in force elsewhere"),
        rows.issued_notice("secret reminder", of="secret", case="", case_id=None, application_id=key("secret filing")),
    ]
