"""Incentives as data, and whether one may be granted at this moment [4.2.1]-[4.2.4] [5.2.1]."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final
from uuid import UUID

from credit.applications.application import Facilitation
from credit.calendar.deadlines import civil_date
from credit.cases.active_restraint import RestrainedNow
from credit.core.values.references import parse_reference
from credit.credit_checks.credit_check import CreditCheck
from credit.incentives.refusals import (
    NOT_ELIGIBLE,
    AdverseRecord,
    CheckMissing,
    CheckStale,
    CommitmentNotWritten,
    GovernedByMemorandum,
    HelperMissing,
    NotEligible,
    Restrained,
    SourceUnknown,
)
from credit.joint_measures.source_answer import Finding
from credit.policy_texts.data_files import Entry, by_code, span_of, texts_of
from credit.policy_texts.refusals import DataFileRefused


class Need(StrEnum):
    """What is required when an incentive is granted."""

    HELPER = "HELPER"
    """A named helper [4.2.1]."""
    WRITTEN_COMMITMENT = "WRITTEN_COMMITMENT"
    """The applicant's commitment on paper [4.2.2] [4.2.3]."""
    MATTER_DOCUMENT = "MATTER_DOCUMENT"
    """A document of the matter itself that allows it [4.2.3]."""


@dataclass(frozen=True, slots=True)
class Incentive:
    """One incentive. The first three come from the governing document, further ones from other laws [4.2.4]."""

    code: str
    name_zh: str
    name_en: str
    offers_zh: str
    offers_en: str
    clause: str
    citation: str
    channel: Facilitation | None
    """The channel of an application with this incentive; None if the channel does not change."""
    needs: frozenset[Need]
    starts_on: date
    ends_on: date | None

    def is_in_force(self, on: date) -> bool:
        """Return whether the incentive exists on the day *on*."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class GrantingRules:
    """The granting rules of a deployment: the incentives by code, and for how many days a credit check is valid."""

    incentives: Mapping[str, Incentive]
    check_valid_days: int = 0


@dataclass(frozen=True, slots=True)
class MatterTerms:
    """What a matter allows: incentives by code, and the matter's own document that says so."""

    code: str
    allows: frozenset[str]
    document: str | None = None
    deferral_longest_days: int | None = None
    """Calendar days within which missing documents may be promised [4.2.2]."""
    commitment_limit_days: int | None = None
    """Working days to complete it on a commitment; 0 is on the spot [4.2.3]."""
    commitment_verify_days: int | None = None
    """Working days after completion within which the commitment is verified [4.2.3]."""


def may_grant(
    incentive: Incentive,
    matter: MatterTerms,
    check: CreditCheck | None,
    restrained_now: RestrainedNow | None,
    today: date,
    *,
    application_id: UUID,
    valid_days: int = 0,
) -> CreditCheck:
    """Return the check that allows *incentive* at this moment, or raise a named NoIncentive [4.1] [5.2.1].

    LAW: without a fresh check of this application, no fact about the subject decides. So a refused incentive discloses
    nothing that only an authorised check may disclose [5.1.6].
    """
    _eligible(incentive, matter, today)
    if check is None or check.application_id != application_id:
        raise CheckMissing
    if not check.is_fresh(today, valid_days):
        raise CheckStale(check.on, check.valid_until(valid_days))
    found = check.combined
    # A memorandum comes before the list: local measures neither add to it nor soften it [3.3].
    if found.finding is Finding.GOVERNED:
        raise GovernedByMemorandum("、".join(found.memoranda))
    if restrained_now is not None:
        raise Restrained(restrained_now.until)
    if found.finding is Finding.ADVERSE:
        raise AdverseRecord(found.sources[0])
    if found.finding is Finding.UNKNOWN:
        raise SourceUnknown(found.sources[0])
    return check


@dataclass(frozen=True, slots=True)
class Granted:
    """An incentive granted to one application, on the check that allowed it."""

    grant_id: UUID
    application_id: UUID
    subject_id: UUID
    incentive: str
    department_code: str
    at: datetime
    by: str
    check_id: UUID
    helper_ref: str | None = None
    """The named helper's staff reference, with a green channel [4.2.1]."""
    commitment_ref: str | None = None
    """The file reference of the written commitment [4.2.2] [4.2.3]."""

    @property
    def on(self) -> date:
        """The day of the grant, in Shanghai."""
        return civil_date(self.at)


def grant(
    incentive: Incentive,
    matter: MatterTerms,
    check: CreditCheck | None,
    restrained_now: RestrainedNow | None,
    *,
    grant_id: UUID,
    application_id: UUID,
    by: str,
    at: datetime,
    helper_ref: str | None = None,
    commitment_ref: str | None = None,
    valid_days: int = 0,
) -> Granted:
    """Grant *incentive* at the instant *at*, or raise NoIncentive, or InvalidItem for a bad reference."""
    allowing = may_grant(
        incentive, matter, check, restrained_now, civil_date(at), application_id=application_id, valid_days=valid_days
    )
    if Need.HELPER in incentive.needs and not helper_ref:
        raise HelperMissing
    if Need.WRITTEN_COMMITMENT in incentive.needs and not commitment_ref:
        raise CommitmentNotWritten
    return Granted(
        grant_id,
        application_id,
        allowing.subject_id,
        incentive.code,
        allowing.department_code,
        at,
        by,
        allowing.check_id,
        parse_reference(helper_ref) if helper_ref else None,
        parse_reference(commitment_ref) if commitment_ref else None,
    )


def shipped(own: Traversable | None = None) -> Mapping[str, Incentive]:
    """Return the incentives that come with this package, followed by those of a deployment's *own* file [4.2.4].

    Raises DataFileRefused.
    """
    file = files("credit.incentives") / "incentives.toml"
    return load(file) if own is None else load(file, own)


def load(*sources: Traversable) -> Mapping[str, Incentive]:
    """Read incentives from TOML files (paths will do), by code. Raises DataFileRefused, naming the file."""
    return by_code(sources, "incentive", _incentive)


_TEXTS: Final = ("code", "name_zh", "name_en", "offers_zh", "offers_en", "clause", "citation")


def _eligible(incentive: Incentive, matter: MatterTerms, today: date) -> None:
    documented = bool(matter.document and matter.document.strip())
    lacking = Need.MATTER_DOCUMENT in incentive.needs and not documented
    if incentive.code not in matter.allows or lacking or not incentive.is_in_force(today):
        raise NotEligible(NOT_ELIGIBLE, incentive=incentive.code)


def _incentive(file: str, entry: Entry) -> tuple[str, Incentive]:
    texts = texts_of(file, "an incentive", entry, _TEXTS, {"needs", "from"}, {"channel", "until"})
    starts_on, ends_on = span_of(file, entry)
    needs, channel = entry["needs"], entry.get("channel")
    if not isinstance(needs, list) or not set(map(str, needs)) <= set(Need):
        raise DataFileRefused(file, f"needs knows {', '.join(Need)} only.")
    if channel is not None and channel not in set(Facilitation) - {Facilitation.ORDINARY}:
        raise DataFileRefused(file, "channel is none of an application's.")
    return texts["code"], Incentive(
        **texts,
        channel=None if channel is None else Facilitation(str(channel)),
        needs=frozenset(Need(str(need)) for need in needs),
        starts_on=starts_on,
        ends_on=ends_on,
    )
