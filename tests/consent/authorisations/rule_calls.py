"""Calls of the rules of an authorisation, with the persons and the day of the samples."""

from consent import rules
from consent.authorisation import ContestFinding
from consent.rules import Bounds, Paper
from tests.consent.samples import AUTHORISATION_ID, BUREAU, CLERK, CREDIT_CHECK, NOW, SUBJECT, SUBJECT_ID, TODAY


def grant(authorisation, bounds=Bounds(), today=TODAY, template=CREDIT_CHECK):  # noqa: B008 - frozen
    return rules.grant(authorisation, template, bounds, by=SUBJECT.ref, at=NOW, today=today)


def refuse(authorisation, today=TODAY):
    return rules.refuse(authorisation, at=NOW, today=today)


def narrow(authorisation, bounds, today=TODAY, template=CREDIT_CHECK):
    return rules.narrow(authorisation, template, bounds, at=NOW, today=today)


def withdraw(authorisation, today=TODAY):
    return rules.withdraw(authorisation, by=SUBJECT.ref, at=NOW, today=today)


def record_paper(asked, evidence="LZ-2026-0012", signed_on=None, before=(), today=TODAY, template=CREDIT_CHECK):
    return rules.record_paper(asked, template, Paper(evidence, signed_on or today), before, today=today)


def confirm(authorisation, others=(), by="head-1", today=TODAY):
    return rules.confirm(authorisation, others, by=by, at=NOW, today=today)


def decide(authorisation, finding=ContestFinding.NEVER_GIVEN, evidence="finding-1", by="head-1"):
    return rules.decide_contest(authorisation, finding, evidence, by=by, at=NOW)


def contest(authorisation):
    return rules.contest(authorisation, by="account-1", at=NOW, today=TODAY)


def ask(template, bounds=Bounds()):  # noqa: B008 - frozen
    return rules.request(
        template,
        authorisation_id=AUTHORISATION_ID,
        subject_id=SUBJECT_ID,
        recipient_code=BUREAU,
        bounds=bounds,
        by=CLERK.ref,
        at=NOW,
        today=TODAY,
    )
