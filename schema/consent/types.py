"""Authorisations and delegations: who allowed what [5.1.6]."""

from datetime import date, datetime
from typing import Any, cast

import strawberry

from consent.authorisation import ContestFinding, Status, status_of
from consent.delegation import DelegationKind, GuardianshipFinding, is_live_on
from consent.notices.shown_notices import ShownNotice, notice_in_words
from consent.vocabulary import DataClass, FieldGroup, Purpose
from credit.calendar.deadlines import civil_date
from queryplan.entities import Entity
from schema.applications.types import Application
from schema.consent.deletion_types import NEWEST, DeletionDuty
from schema.consent.viewer_steps import AUTHORISATION_STEPS, DELEGATION_STEPS
from schema.core.connections import Connection
from schema.core.day import EvaluationDay
from schema.core.enums import Group, PowerName, RoleName, groups_of, powers_of
from schema.core.fields import ManySource, acting_role, column, function, global_id, one, planned, role_text, structure
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.reference.types import Department, Node, SubjectLink


def _groups(bits: int, _day: EvaluationDay) -> list[str]:
    return groups_of(bits)


def _powers(bits: int, _day: EvaluationDay) -> list[str]:
    return powers_of(bits)


RECORDED_AS = "In which role: subject or clerk."
ENDED_AS = "In which role: subject, agent or clerk."


def _is_live(*columns_and_day: Any) -> bool:  # noqa: ANN401 - the columns in the order below
    *columns, day = columns_and_day
    return bool(cast("Any", is_live_on)(*columns, day.today))


def _status(_requested: datetime, *columns_and_day: Any) -> str:  # noqa: ANN401 - the columns in the order below
    *columns, day = columns_and_day
    return cast("Any", status_of)(*columns, day.today).value


def _uses_left(allowed: int, made: int, _day: EvaluationDay) -> int:
    return allowed - made


def _own_day(_made: datetime, recorded: datetime | None, on_paper: date | None, _day: EvaluationDay) -> date | None:
    return on_paper or (None if recorded is None else civil_date(recorded))


def _on_paper(_requested: datetime, evidence: str | None, _day: EvaluationDay) -> bool:
    return evidence is not None


@strawberry.type(
    description="授权告知书：what a subject is asked to agree to, in words: who asks, for what, how, what, how long, "
    "how often, its rights, and how it withdraws [5.1.6] [PIPL 17]."
)
class AuthorisationNotice:
    digest: str = structure("digest", "SHA-256 of its written form, in hexadecimal digits: what a grant is bound to.")
    version: str = structure("version", "Counts the wordings.")
    language: str = structure("language", "The language of its lines, such as `zh-CN`.")
    lines: list[str] = structure("lines", "Its sentences, in the order in which they are shown.")


def _notice(
    purpose: str,
    recipient_code: str,
    recipient: str,
    groups: int,
    means: str,
    expires_on: date,
    uses: int,
    granted_at: datetime | None,
    _day: EvaluationDay,
) -> dict[str, object] | None:
    if granted_at is not None:
        return None
    terms = Purpose(purpose), recipient_code, recipient, FieldGroup(groups), means, expires_on, uses
    return _as_shown(notice_in_words(*terms))


def _notice_shown(text: str, _day: EvaluationDay) -> dict[str, object]:
    return _as_shown(ShownNotice.of_text(text))


def _as_shown(notice: ShownNotice) -> dict[str, object]:
    return {name: getattr(notice, name) for name in ("digest", "version", "language")} | {"lines": list(notice.lines)}


@strawberry.type(
    description="授权：a subject's purpose-limited consent. It names purpose, scope, means, recipient and an end; it "
    "can be refused, narrowed or withdrawn at any time, without loss of the ordinary service [5.1.6]."
)
class Authorisation(Node):
    id: strawberry.ID = global_id(Entity.AUTHORISATION, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whose it is.")
    purpose: Purpose | None = column("purpose", "The one purpose it is for.")
    recipient: Department | None = one("recipient", Entity.DEPARTMENT, "Who may read on it.")
    scope: list[Group] | None = function(_groups, "groups", description="The groups of fields it covers.")
    means: str | None = column("means", "How the information is looked up and used.")
    template: str | None = column("template", "Name and version of the template that bounds it.")
    application: Application | None = one("application", Entity.APPLICATION, "The single application it is for, if so.")
    requested_at: datetime | None = column("requested_at", "When it was asked for (UTC).")
    requested_by: str | None = column("requested_by", "The staff reference of the officer who asked.")
    granted_at: datetime | None = column("granted_at", "When the subject granted it (UTC).")
    starts_on: date | None = column("starts_on", "Its first day.")
    expires_on: date | None = column("expires_on", "Its last day. There is none without, and no renewal by silence.")
    uses_allowed: int | None = column("uses_allowed", "How often it may be used.")
    uses_made: int | None = column("uses_made", "How often it was used.")
    uses_left: int | None = function(
        _uses_left, "uses_allowed", "uses_made", description="How often it may still be used."
    )
    refused_at: datetime | None = column(
        "refused_at", "When the subject refused it (UTC): for the subject alone, and no mark against it [5.1.6]."
    )
    refused_on: date | None = function(
        _own_day,
        "requested_at",
        "refused_at",
        "refused_on",
        description="拒绝日期：the day of the refusal, of a paper that of posting; for the subject alone.",
    )
    refusal_evidence: str | None = column(
        "refusal_evidence", "The reference of a refusal on paper, for the subject alone."
    )
    narrowed_at: datetime | None = column("narrowed_at", "When the subject last narrowed it (UTC).")
    narrowed_on: date | None = function(
        _own_day,
        "requested_at",
        "narrowed_at",
        "narrowed_on",
        description="缩小日期：the day of the last narrowing: of a paper, that of posting or handing in.",
    )
    narrowing_evidence: str | None = column("narrowing_evidence", "The reference of a narrowing on paper.")
    withdrawn_at: datetime | None = column("withdrawn_at", "When it was withdrawn, as recorded (UTC).")
    withdrawn_on: date | None = function(
        _own_day,
        "requested_at",
        "withdrawn_at",
        "withdrawn_on",
        description="撤回日期：the day from which the withdrawal counts: of a paper, that of posting or handing in.",
    )
    withdrawal_evidence: str | None = column("withdrawal_evidence", "The reference of a withdrawal on paper.")
    is_on_paper: bool | None = function(
        _on_paper, "requested_at", "paper_evidence", description="Whether staff recorded it from paper."
    )
    paper_evidence: str | None = column("paper_evidence", "The reference of the signed paper.")
    signed_on: date | None = column("signed_on", "签署日期：the day of the signed paper.")
    held_at: datetime | None = column(
        "held_at",
        "Since when a paper waits for a second person, because the subject contested one for the same purpose and "
        "department (UTC). Until it is confirmed it opens nothing.",
    )
    confirmed_at: datetime | None = column("confirmed_at", "When a second person confirmed it (UTC).")
    confirmed_by: str | None = column("confirmed_by", "The staff reference of who confirmed it.")
    contested_at: datetime | None = column(
        "contested_at",
        "When the subject said that a paper authorisation was never given (UTC). It opens nothing since.",
    )
    contested_on: date | None = function(
        _own_day,
        "requested_at",
        "contested_at",
        "contested_on",
        description="异议日期：the day of the contest: of a paper, that of posting or handing in.",
    )
    contest_paper: str | None = column("contest_paper", "The reference of a contest on paper.")
    contest_entered_by: str | None = column(
        "contest_entered_by", "The staff reference of who entered a contest on paper, and does not decide on it."
    )
    contest_decided_at: datetime | None = column(
        "contest_decided_at", "When somebody else than who recorded the paper decided on the contest (UTC)."
    )
    contest_finding: ContestFinding | None = column(
        "contest_finding", "异议处理结果：whether the subject had given it."
    )
    contest_evidence: str | None = column("contest_evidence", "The reference of the reasons of the decision.")
    status: Status | None = function(
        _status,
        "requested_at",
        "granted_at",
        "refused_at",
        "withdrawn_at",
        "contested_at",
        "held_at",
        "confirmed_at",
        "expires_on",
        "uses_allowed",
        "uses_made",
        description="Whether it is in force today, read off its dated facts. To all but the subject a refused request "
        "looks like one that was never answered [5.1.6].",
        guarded={"refused_at": DataClass.AUTHORISATION_REFUSAL},
    )
    viewer_can: list[ViewerStep] | None = viewer_can(AUTHORISATION_STEPS)
    version: int | None = column(
        "version", "Counts its changes, for the subject, who makes them; give it back to change exactly what you saw."
    )

    notice: AuthorisationNotice | None = function(
        _notice,
        "purpose",
        "recipient_code",
        "recipient_name",
        "groups",
        "means",
        "expires_on",
        "uses_allowed",
        "granted_at",
        description="授权告知书：what a request says to its subject, to be shown before it answers; null once it is "
        "granted.",
    )
    notice_shown: AuthorisationNotice | None = function(
        _notice_shown,
        "notice_text",
        description="已展示的告知书：the notice that the subject was shown when it granted, word for word; null where "
        "this system showed none: of a paper, of an offer of the subject's own, or of before.",
    )

    @planned(
        ManySource(Entity.DELETION_DUTY, NEWEST, "deletions"),
        "删除义务：what its recipient received on it and has to delete: by now, or once it has ended; whether that is "
        "acknowledged, and whether it is late. Empty where nothing was read on it.",
    )
    def deletions(self) -> Connection[DeletionDuty] | None: ...


@strawberry.type(
    description="代理：a recorded authority of a delegate to act for a subject: an agent, a guardian, an officer of an "
    "organisation, a close relative of the dead. It has a scope and an end; the subject ends it at any time, and "
    "contests a guardianship [5.1.6]."
)
class Delegation(Node):
    id: strawberry.ID = global_id(Entity.DELEGATION, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "The subject that the delegate acts for.")
    delegate: str | None = column("delegate_ref", "The delegate's account reference.")
    kind: DelegationKind | None = column("kind", "On which ground the delegate acts.")
    scope: list[Group] | None = function(_groups, "groups", description="The groups of fields that the delegate sees.")
    powers: list[PowerName] | None = function(
        _powers, "powers", description="What the delegate may do, besides reading."
    )
    evidence: str | None = column(
        "evidence", "The references of the recorded papers, with `；` between them, such as a power of attorney."
    )
    granted_at: datetime | None = column("granted_at", "When it was recorded (UTC).")
    recorded_by: str | None = column("recorded_by", "Who recorded it, by account or staff reference.")
    recorded_in_role: RoleName | None = acting_role("recorded_as", RECORDED_AS)
    recorded_as: str | None = role_text(column, "recorded_as", RECORDED_AS, "recordedInRole")
    department: Department | None = one(
        "department", Entity.DEPARTMENT, "The office that recorded it on paper, if one did."
    )
    starts_on: date | None = column("starts_on", "Its first day; of a guardianship, the day from which it exists.")
    expires_on: date | None = column("expires_on", "Its last day. There is none without.")
    withdrawn_at: datetime | None = column("withdrawn_at", "When it was ended before its last day (UTC).")
    ended_by: str | None = column("ended_by", "Who ended it, by account or staff reference.")
    ended_in_role: RoleName | None = acting_role("ended_as", ENDED_AS)
    ended_as: str | None = role_text(column, "ended_as", ENDED_AS, "endedInRole")
    end_evidence: str | None = column("end_evidence", "The references of the papers on which an office ended it.")
    contested_at: datetime | None = column(
        "contested_at", "Since when a guardianship is contested (UTC): until that is decided, it rests."
    )
    contested_by: str | None = column(
        "contested_by",
        "Who contested it: its subject or its guardian, by account; the officer who entered it, if it came on paper.",
    )
    contested_on: date | None = column(
        "contested_on", "异议日期：of a contest on paper, the day of posting or handing in."
    )
    contest_paper: str | None = column("contest_paper", "The reference of a contest on paper.")
    contest_decided_at: datetime | None = column("contest_decided_at", "When the contest was decided (UTC).")
    contest_decided_by: str | None = column(
        "contest_decided_by", "Who decided it, and never who recorded it or entered its contest."
    )
    contest_finding: GuardianshipFinding | None = column("contest_finding", "异议处理结果：whether it holds.")
    contest_evidence: str | None = column("contest_evidence", "The references of the papers of the decision.")
    is_live: bool | None = function(
        _is_live,
        "starts_on",
        "expires_on",
        "withdrawn_at",
        "contested_at",
        "contest_decided_at",
        description="Whether the delegate may act today.",
    )
    viewer_can: list[ViewerStep] | None = viewer_can(DELEGATION_STEPS)
    version: int | None = column("version", "Counts its changes; give it back to end exactly what you saw.")
