"""What happens to a subject's record besides its steps: each is recorded for good, with an entry in the ledger."""

from collections.abc import Mapping
from uuid import UUID

from credit.core.labels import Labelled


class RecordEvent(Labelled):
    """What happened to the record of a subject."""

    # Information about a case of the subject went to a recipient: a platform, a supervisor, a file [5.1.4(6)].
    DELIVERED = "DELIVERED", "案件信息已送达接收方", "5.1.4(5)"
    # The subject, its delegate or the department marked a notification as seen.
    NOTIFICATION_SEEN = "NOTIFICATION_SEEN", "通知已阅", "5.1.6"
    # A message about the subject that had been given up is sent once more.
    MESSAGE_RESENT = "MESSAGE_RESENT", "重新推送信息", "6.2"
    # An account of the identity platform acts for the subject no more; that it began to is a registration.
    ACCOUNT_UNLINKED = "ACCOUNT_UNLINKED", "解除账号关联", "5.1.6"
    # The subject's data were erased: what remains is who read them, when and for what.
    ERASED = "ERASED", "个人信息已删除", "5.1.6"


def resent_facts(message_id: UUID, about: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of MESSAGE_RESENT: the message, and the case that it is *about*, if it is about one.

    The case decides when the subject may know of the event [5.1.4(2)].
    """
    case = {name: about[name] for name in ("case_id",) if name in about}
    return {"message_id": str(message_id), **case}
