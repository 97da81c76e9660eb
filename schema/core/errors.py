"""SchemaError: the errors of a GraphQL response.

SchemaError
├── Refused            the request as a whole: nothing was read
│   ├── PurposeRequired · PurposeUnknown · PurposeConflict · PurposeNotConstant
│   ├── RootRefused(reason)      a root that this role may not query for this purpose
│   ├── ListOnConsent            an authorisation serves one person, not a list
│   ├── FilterRefused            an argument that would read what is withheld
│   ├── LimitExceeded(limit)     too large, too deep, too many
│   ├── DocumentBudget(until)    unknown documents took too much processor time; known ones are answered
│   ├── LookupQuota(until)       too many numbers looked up by this account or its department
│   ├── RateExceeded(until)      too many requests, or too costly ones, in the window of a rate
│   ├── PersistedQueryNotFound · PersistedQueryNotSupported      an id in place of a document: clients send the text
│   ├── DocumentIdDiffers · UntrustedDocument · DocumentRoleRefused      a document that is not taken
│   ├── SubscriptionTransport    a subscription that was sent as a request
│   ├── SubscriptionLimit(limit) too many subscriptions on a connection, by an account, or in this process
│   └── BadId · BadCursor · BadArgument · BadIdentifier
├── SubscriptionOver   a subscription that ends by itself
│   ├── IdentityEnded            the token, the login or the role of the subscriber
│   ├── SubscriptionBehind       more happened than one subscriber is sent
│   └── ShuttingDown             this process stops; another one takes the next subscription
├── Unavailable        the database does not answer, or cannot do its work now
├── TookTooLong        the request was not finished in time
├── NotRecorded        the access entry could not be made durable, so no data is shown
├── RecordDamaged      a stored value that the request needs does not open; nothing was changed
└── Outdated           what may be shown has changed since the snapshot began that a whole list is read from

Each has a stable `code`, a plain message in zh-CN and in English without personal data, the HTTP status that
`application/graphql-response+json` wants, and `extensions` with the remedy where there is one.
"""

from collections.abc import Mapping
from typing import Final


class SchemaError(Exception):
    """An expected refusal of a request."""

    code = "REFUSED"
    status = 400
    message = "The request is refused."
    message_zh = "请求被拒绝。"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts: Mapping[str, object] = facts

    def entry(self) -> dict[str, object]:
        """Return the error as a GraphQL response has it."""
        return {"message": self.message_zh, "extensions": {"code": self.code, "messageEn": self.message, **self.facts}}


class Refused(SchemaError):
    """The request as a whole is refused; nothing was read."""


class PurposeRequired(Refused):
    """Personal data was requested without a purpose [5.1.6]."""

    code = "PURPOSE_REQUIRED"
    message = (
        "Personal data is shown only for a stated purpose. Put @purpose(is: …) on the operation, or send the "
        "header Access-Purpose."
    )
    message_zh = "读取个人信息必须说明目的。请在操作上写明 @purpose(is: …)，或发送 Access-Purpose 请求头。"


class PurposeUnknown(Refused):
    """The header names no purpose that we know."""

    code = "PURPOSE_UNKNOWN"
    message = "The header Access-Purpose names no known purpose."
    message_zh = "Access-Purpose 请求头所述目的不存在。"


class PurposeConflict(Refused):
    """Directive and header name different purposes."""

    code = "PURPOSE_CONFLICT"
    message = "The directive @purpose and the header Access-Purpose name different purposes."
    message_zh = "@purpose 与 Access-Purpose 请求头所述目的不一致。"


class PurposeNotConstant(Refused):
    """The directive names its purpose by a variable."""

    code = "PURPOSE_NOT_CONSTANT"
    message = "The directive @purpose names its purpose in the document itself, never by a variable."
    message_zh = "@purpose 必须在文档中直接写明目的，不得使用变量。"


class RootRefused(Refused):
    """The caller's role may not query this root for this purpose."""

    code = "ROOT_REFUSED"
    status = 403
    message = "This role may not ask for this field for this purpose."
    message_zh = "当前角色无权以此目的查询该字段。"


class ListOnConsent(Refused):
    """A list was requested on the ground of authorisations: each serves one person at the window [5.1.6]."""

    code = "LIST_ON_CONSENT"
    status = 403
    message = "An authorisation serves one person at the window; no list is read on it. Ask for the person by number."
    message_zh = "授权仅供办理本人事项时查询本人，不得据以查询名单。请按号码查询本人。"


class FilterRefused(Refused):
    """A filter or order would read a field that is not shown clear."""

    code = "FILTER_REFUSED"
    status = 403
    message = "Filtering or ordering by a field counts as reading it, and this field is not shown clear here."
    message_zh = "按字段筛选或排序等同于读取该字段，而该字段在此不以明文提供。"


GUARDED: Final = (PurposeRequired, PurposeConflict, RootRefused, ListOnConsent, FilterRefused)
"""What the guard says to whoever asks for data that it does not get; the others are about the form of a request."""


class LimitExceeded(Refused):
    """The document exceeds a limit."""

    code = "LIMIT_EXCEEDED"
    message = "The request exceeds a limit of this service."
    message_zh = "请求超出本服务的限制。"


class DocumentBudget(Refused):
    """Unknown documents, of this client or of all, have taken as much processor time as they may.

    What was answered before for this role and purpose is answered further on: its document is known.
    """

    code = "DOCUMENT_BUDGET"
    status = 429
    message = (
        "Too many new documents were sent. Try again after the instant in `until`; documents that were answered before "
        "still are. Send values in variables, so that one document serves them all."
    )
    message_zh = (
        "新的查询文档过多，请在 until 所示时间之后再试；此前已应答的文档不受影响。"
        "请用变量传值，使同一文档可以重复使用。"
    )


class LookupQuota(Refused):
    """The account or its department has looked up as many numbers as it may; `until` says when it may again [5.1.6].

    It is counted before anything is looked for, so it says nothing about a number.
    """

    code = "LOOKUP_QUOTA"
    status = 429
    message = "This account or its department has looked up too many numbers. Try again after the instant in `until`."
    message_zh = "本账号或者本部门按号码查询的次数已达上限，请在 until 所示时间之后再试。"


class RateExceeded(Refused):
    """A rate is used up until the end of its window; `rate` says whose, and whether of requests or of their cost.

    Nothing was read. What one request costs is told in `extensions.cost`, where it is asked for.
    """

    code = "RATE_EXCEEDED"
    status = 429
    message = (
        "Too many requests, or too costly ones, came in this time from this account, its department or this network, "
        "or for this document. Try again after the instant in `until`."
    )
    message_zh = "请求过于频繁或者查询量过大，已达 rate 所示的上限，请在 until 所示时间之后再试。"


class PersistedQueryNotFound(Refused):
    """No document is known under this id. Clients compare the bare message, and send the text then."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    message = "No document is known here under this id. Send its text with it."
    message_zh = "PersistedQueryNotFound"

    def __init__(self) -> None:
        super().__init__(messageZh="此处没有该编号的查询文档，请连同全文提交。")


class PersistedQueryNotSupported(Refused):
    """Documents have no ids here. Clients compare the bare message, and send texts from then on."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    message = "This service does not take the ids of documents. Send their texts."
    message_zh = "PersistedQueryNotSupported"

    def __init__(self) -> None:
        super().__init__(messageZh="本服务不接受以编号代替查询文档，请提交全文。")


class DocumentIdDiffers(Refused):
    """An id that is not the hash of the document that comes with it."""

    code = "DOCUMENT_ID_DIFFERS"
    message = "The id is not SHA-256 of the document that comes with it."
    message_zh = "编号与所附查询文档的 SHA-256 不符。"


class UntrustedDocument(Refused):
    """A document that no operator has loaded, where only loaded ones are answered."""

    code = "DOCUMENT_NOT_TRUSTED"
    status = 403
    message = "Only documents that the operator has loaded are answered here, and this is none of them."
    message_zh = "此处只应答管理员已经登记的查询文档，所提交的文档不在其中。"


class DocumentRoleRefused(Refused):
    """A document that was loaded for other roles."""

    code = "DOCUMENT_ROLE_REFUSED"
    status = 403
    message = "This document was loaded for other roles."
    message_zh = "该查询文档登记为由其他角色使用。"


class SubscriptionTransport(Refused):
    """A subscription was sent as a request with one answer."""

    code = "SUBSCRIPTION_TRANSPORT"
    message = (
        "A subscription has many answers. Send it over the WebSocket subprotocol graphql-transport-ws, or ask for "
        "text/event-stream."
    )
    message_zh = "订阅会有多次应答，请使用 graphql-transport-ws 子协议，或者以 text/event-stream 接收。"


class SubscriptionLimit(Refused):
    """Too many subscriptions run at once; `limit` says whose number it is, and `allowed` how many those are."""

    code = "SUBSCRIPTION_LIMIT"
    status = 429
    message = "Too many subscriptions run at once for what `limit` names. End one of them before you begin another."
    message_zh = "同时进行的订阅过多，已达 limit 所示的上限。请先结束一项订阅再重试。"


class BadId(Refused):
    """An id that this gateway did not issue."""

    code = "BAD_ID"
    message = "This is not an id of this service."
    message_zh = "编号无效。"


class BadCursor(Refused):
    """A cursor that does not belong to this list."""

    code = "BAD_CURSOR"
    message = "This cursor does not belong to this list. Start again without `after`."
    message_zh = "游标不属于此列表。请去掉 after 重新查询。"


class BadArgument(Refused):
    """An argument that has the right type but makes no sense; the code is that of one without the right type."""

    code = "BAD_USER_INPUT"
    message = "An argument is not acceptable."
    message_zh = "参数不合要求。"


class BadIdentifier(Refused):
    """An identifier that is not well formed. The number is not quoted back."""

    code = "BAD_IDENTIFIER"

    def __init__(self, code: str, message: str, message_zh: str) -> None:
        super().__init__()
        self.code, self.message, self.message_zh = code, message, message_zh


class SubscriptionOver(SchemaError):
    """A subscription ends by itself."""


class IdentityEnded(SubscriptionOver):
    """The token has expired, the login was revoked, or the role is not held any more.

    It has the code and the words of the refusal that a request would meet now, or its own where another acts now.
    """

    code = "SUBSCRIBER_CHANGED"
    status = 401
    message = "The account, role or department of this subscription has changed. Subscribe again as the new one."
    message_zh = "本订阅的账号、角色或者部门已经变更，请以新的身份重新订阅。"

    def __init__(self, code: str = "", message_zh: str = "", message: str = "", **facts: object) -> None:
        super().__init__(**facts)
        if code:
            self.code, self.message_zh, self.message = code, message_zh, message


class SubscriptionBehind(SubscriptionOver):
    """More happened in a minute than one subscriber is sent."""

    code = "SUBSCRIPTION_BEHIND"
    status = 409
    message = "More happened than this subscription can follow. Read the list by a query, and subscribe again."
    message_zh = "变动过多，本订阅无法逐一送达。请先查询列表，再重新订阅。"


class ShuttingDown(SubscriptionOver):
    """The process stops that holds the subscription."""

    code = "SHUTTING_DOWN"
    status = 503
    message = "This server stops. Subscribe again: another one answers."
    message_zh = "本服务进程即将停止，请重新订阅。"


class Unavailable(SchemaError):
    """The database does not answer, or cannot do its work now."""

    code = "DATABASE_UNAVAILABLE"
    status = 503
    message = (
        "The database is not available now. Try again in some seconds. A change may have been made all the same: "
        "send it again under the same idempotency key."
    )
    message_zh = "数据库暂不可用，请稍后重试。修改操作可能已经生效：请用同一幂等键重新提交。"


class TookTooLong(SchemaError):
    """The request was not finished within the time limit, and was given up."""

    code = "TIMEOUT"
    status = 503
    message = "The request was not finished in time and was given up. Try again, or ask for less."
    message_zh = "未能在时限内完成处理，已放弃本次请求。请稍后重试，或者减少查询内容。"


class NotRecorded(SchemaError):
    """The access entry could not be made durable, so no data is shown."""

    code = "NOT_RECORDED"
    status = 503
    message = "The access could not be recorded, so nothing is shown. Please try again."
    message_zh = "访问记录未能写入，因此不予显示。请稍后重试。"


class RecordDamaged(SchemaError):
    """A stored value that the request needs does not open. Nothing was changed; the operator has been alerted."""

    code = "RECORD_DAMAGED"
    status = 409
    message = "A stored value that this needs is damaged and cannot be read, so nothing was done. Tell the operator."
    message_zh = "办理所需的一项存储数据已损坏，无法读取，因此未作任何处理；系统已告警，请联系管理员。"


class Outdated(SchemaError):
    """Less may be shown now than when the snapshot began that a whole list is read from [5.1.6]."""

    code = "SNAPSHOT_OUTDATED"
    status = 409
    message = "What may be shown has changed since this reading began, so nothing more is shown. Please start again."
    message_zh = "读取期间可提供的内容已发生变化，因此不再提供，请重新开始。"
