"""Who put a subject on record: a record of each time, also for a subject that was known [5.1.3] [5.1.6].

The subject sees it. It is the same for a new and for a known number, so that it tells nobody else which it was.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from credit.core.context import ActionContext
from credit.core.labels import Labelled
from credit.core.recorded_step import SALT_BYTES


class RegistrationChannel(Labelled):
    """By which way a subject was put on record."""

    WINDOW = "WINDOW", "窗口登记", "5.1.3"
    APPLICATION = "APPLICATION", "随办件登记", "4.2"
    # The subject sees it after the notice of that case [5.1.4(2)].
    CASE = "CASE", "随案件采集登记", "5.1.3"
    IMPORT = "IMPORT", "批量导入", "6.2"
    PLATFORM = "PLATFORM", "平台推送", "5.1.3"
    # The subject itself, signed in at the identity platform: put on record, or linked with its record.
    ACCOUNT = "ACCOUNT", "身份认证平台账号关联", "5.1.6"
    # No registration: the operator had the characters of the name or address written in their one form.
    REFOLDED = "REFOLDED", "字符规范化", "5.1.3"


class RegisteredMeanwhile(Exception):
    """Another request has registered the number since the names were compared: compare again."""


@dataclass(frozen=True, slots=True)
class RegistrationRecord:
    """One registration of a subject. Its fields are the columns of `registrations`."""

    subject_id: UUID
    registration_id: UUID
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    channel: RegistrationChannel
    case_id: UUID | None
    salt: bytes = field(repr=False)


def registration_record(
    context: ActionContext, subject_id: UUID, channel: RegistrationChannel, case_id: UUID | None = None
) -> RegistrationRecord:
    """Return the record that the caller puts the subject on record now; *case_id* is the case that it begins."""
    return RegistrationRecord(
        subject_id=subject_id,
        registration_id=context.new_id(),
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        department_code=context.actor.department,
        channel=channel,
        case_id=case_id,
        salt=context.random(SALT_BYTES),
    )
