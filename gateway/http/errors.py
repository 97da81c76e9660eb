"""Refusals at the HTTP endpoint, before GraphQL runs: each an `HttpRefusal` with a code, in Chinese and in English.

The body has the same form as a GraphQL error: `message` in zh-CN, and in `extensions` the `code`, `messageEn` and,
where it helps, facts of the service (a limit, the request id). Nothing of the request is ever repeated.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import orjson

from queryplan.plan import StoreUnavailable
from schema.core.errors import NotRecorded, RateExceeded, RecordDamaged, Unavailable


class Code(StrEnum):
    """Why the HTTP endpoint refuses a request."""

    TOKEN_REFUSED = "TOKEN_REFUSED"  # noqa: S105 - a code, not a secret
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code, not a secret
    TOKEN_NOT_YET_VALID = "TOKEN_NOT_YET_VALID"  # noqa: S105 - a code, not a secret
    TOKEN_TOO_LONG = "TOKEN_TOO_LONG"  # noqa: S105 - a code, not a secret
    TOKEN_IN_ADDRESS = "TOKEN_IN_ADDRESS"  # noqa: S105 - a code, not a secret
    SUBJECT_REFUSED = "SUBJECT_REFUSED"
    REFERENCE_REFUSED = "REFERENCE_REFUSED"
    CLAIMS_REFUSED = "CLAIMS_REFUSED"
    KEYS_UNAVAILABLE = "KEYS_UNAVAILABLE"
    ACTING_ROLE_REQUIRED = "ACTING_ROLE_REQUIRED"
    ROLE_NOT_HELD = "ROLE_NOT_HELD"
    ROLE_INCOMPLETE = "ROLE_INCOMPLETE"
    NOT_LINKED = "NOT_LINKED"
    TWO_ROLES = "TWO_ROLES"
    TWO_PURPOSES = "TWO_PURPOSES"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    CONTENT_TYPE_REFUSED = "CONTENT_TYPE_REFUSED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    BAD_JSON = "BAD_JSON"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    BATCH_REFUSED = "BATCH_REFUSED"
    BAD_REQUEST = "BAD_REQUEST"
    QUERY_MISSING = "QUERY_MISSING"
    TIMEOUT = "TIMEOUT"
    OVERLOADED = "OVERLOADED"
    REQUEST_INCOMPLETE = "REQUEST_INCOMPLETE"
    HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    NOT_RECORDED = "NOT_RECORDED"
    RECORD_DAMAGED = "RECORD_DAMAGED"
    INTERNAL = "INTERNAL"
    NOT_FOUND = "NOT_FOUND"
    PERSONA_UNKNOWN = "PERSONA_UNKNOWN"
    IDEMPOTENCY_KEY_REQUIRED = "IDEMPOTENCY_KEY_REQUIRED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    LOOKUP_QUOTA = "LOOKUP_QUOTA"
    RATE_EXCEEDED = RateExceeded.code
    NOT_ADMITTED = "NOT_ADMITTED"
    FILE_PURPOSE = "FILE_PURPOSE"
    FILE_NOT_ADMITTED = "FILE_NOT_ADMITTED"
    FILE_CONTENT_TYPE = "FILE_CONTENT_TYPE"
    FILE_TYPE_REFUSED = "FILE_TYPE_REFUSED"
    FILE_QUOTA = "FILE_QUOTA"
    FILE_INFECTED = "FILE_INFECTED"
    FILE_SCANNER_UNAVAILABLE = "FILE_SCANNER_UNAVAILABLE"
    LINK_NOT_ADMITTED = "LINK_NOT_ADMITTED"
    LINK_NOT_NEEDED = "LINK_NOT_NEEDED"
    LINK_BODY = "LINK_BODY"
    OWN_DATA_NOT_ADMITTED = "OWN_DATA_NOT_ADMITTED"
    OWN_DATA_TOO_LONG = "OWN_DATA_TOO_LONG"
    LINK_NAME_CONFLICT = "LINK_NAME_CONFLICT"
    LINK_COLLISION = "LINK_COLLISION"
    LINKED_OTHERWISE = "LINKED_OTHERWISE"
    ASSURANCE_TOO_LOW = "ASSURANCE_TOO_LOW"
    IDENTITY_NOT_STATED = "IDENTITY_NOT_STATED"
    IDENTITY_NOT_WELL_FORMED = "IDENTITY_NOT_WELL_FORMED"
    LOG_PATH = "LOG_PATH"
    LOG_METHOD = "LOG_METHOD"
    LOG_NOT_FOUND = "LOG_NOT_FOUND"
    LEDGER_UNAVAILABLE = "LEDGER_UNAVAILABLE"
    SESSION_ENDED = "SESSION_ENDED"
    SESSION_ROLE_REQUIRED = "SESSION_ROLE_REQUIRED"
    SESSION_ROLE_DIFFERS = "SESSION_ROLE_DIFFERS"
    SESSION_BODY = "SESSION_BODY"
    CROSS_SITE = "CROSS_SITE"
    CSRF_TOKEN = "CSRF_TOKEN"  # noqa: S105 - a code, not a secret
    PROVIDER_UNAVAILABLE = "PROVIDER_UNAVAILABLE"
    WEBSOCKET_HANDSHAKE = "WEBSOCKET_HANDSHAKE"
    ORIGIN_REFUSED = "ORIGIN_REFUSED"
    ACCOUNT_REQUIRED = "ACCOUNT_REQUIRED"
    TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"
    STREAM_METHOD = "STREAM_METHOD"
    STREAM_TOKEN_IN_ADDRESS = "STREAM_TOKEN_IN_ADDRESS"  # noqa: S105 - a code, not a secret
    STREAM_UNKNOWN = "STREAM_UNKNOWN"
    STREAM_IN_USE = "STREAM_IN_USE"
    STREAM_NOT_ACCEPTED = "STREAM_NOT_ACCEPTED"
    OPERATION_ID_REQUIRED = "OPERATION_ID_REQUIRED"
    OPERATION_ID_IN_USE = "OPERATION_ID_IN_USE"


WORDS: Mapping[Code, tuple[int, str, str]] = {
    Code.TOKEN_REFUSED: (401, "令牌无效，未予受理。", "The bearer token is not acceptable."),
    Code.TOKEN_EXPIRED: (401, "令牌已过期，请重新登录。", "The bearer token has expired. Sign in again."),
    Code.TOKEN_NOT_YET_VALID: (401, "令牌尚未生效。", "The bearer token is not valid yet."),
    Code.TOKEN_TOO_LONG: (
        431,
        "令牌超过 limit 所示的长度上限。请减少令牌中的角色和声明，或者由管理员调高 CHENGXIN_TOKEN_LIMIT。",
        "The token is longer than `limit`. Put fewer roles and claims into it, or have CHENGXIN_TOKEN_LIMIT raised.",
    ),
    Code.TOKEN_IN_ADDRESS: (
        400,
        "令牌不得放在网址中，请使用 Authorization 请求头。",
        "A token never belongs in an address. Send it in the header Authorization.",
    ),
    Code.SUBJECT_REFUSED: (
        401,
        "令牌没有可用的账号标识：应为1至255个ASCII字符的文本。请管理员检查 CHENGXIN_OIDC_SUB_CLAIM。",
        "The token names no account: that is a text of 1 to 255 ASCII characters. See CHENGXIN_OIDC_SUB_CLAIM.",
    ),
    Code.REFERENCE_REFUSED: (
        401,
        "账号标识的形式不能直接用作账号编号，请管理员将 CHENGXIN_OIDC_ACCOUNT_REFERENCES 设为 keyed。",
        "This account id cannot be a reference as it is. Have CHENGXIN_OIDC_ACCOUNT_REFERENCES set to keyed.",
    ),
    Code.CLAIMS_REFUSED: (
        401,
        "令牌中 claim 所示的声明格式不符。请管理员检查身份提供方的配置和 CHENGXIN_OIDC_…_CLAIM。",
        "The claim named in `claim` is not in the agreed form. See the issuer's settings and CHENGXIN_OIDC_…_CLAIM.",
    ),
    Code.KEYS_UNAVAILABLE: (
        503,
        "暂时无法取得身份提供方的公钥，令牌无法核验，请稍后重试。",
        "The issuer's keys cannot be fetched now, so no token can be verified. Try again later.",
    ),
    Code.ACTING_ROLE_REQUIRED: (
        400,
        "令牌含有多个角色，请用 Acting-Role 请求头说明本次以哪个角色办理。",
        "The token holds several roles. Say in the header Acting-Role which one acts in this request.",
    ),
    Code.ROLE_NOT_HELD: (403, "令牌不含所声明的角色。", "The token does not hold the role that this request names."),
    Code.ROLE_INCOMPLETE: (
        403,
        "令牌缺少该角色必需的声明（部门、领域与区域，或本人主体编号）。",
        "The token lacks a claim that this role needs (department; sector and area; or the own subject).",
    ),
    Code.NOT_LINKED: (
        403,
        "该账号尚未关联申报主体。请先提交 POST /link，用身份认证平台核验的姓名和号码关联。",
        "This account is not linked with a subject. Send POST /link first: it goes by the verified name and number.",
    ),
    Code.TWO_ROLES: (400, "一次请求只能以一个角色办理。", "A request acts in one role, and this one names two."),
    Code.TWO_PURPOSES: (
        400,
        "一次请求只能说明一个目的，Access-Purpose 请求头不得重复。",
        "A request has one purpose, and this one sends the header Access-Purpose twice.",
    ),
    Code.METHOD_NOT_ALLOWED: (405, "请使用 GET 或 POST。", "Use GET or POST."),
    Code.NOT_ACCEPTABLE: (
        406,
        "本服务只提供 application/graphql-response+json 与 application/json。",
        "The answers here are application/graphql-response+json or application/json.",
    ),
    Code.CONTENT_TYPE_REFUSED: (
        415,
        "请以 Content-Type: application/json（UTF-8，不压缩）提交。",
        "Send Content-Type: application/json, in UTF-8 and not compressed.",
    ),
    Code.BODY_TOO_LARGE: (413, "请求体过大。", "The request body is larger than this service takes."),
    Code.BAD_JSON: (400, "请求体不是有效的 JSON。", "The request body is not valid JSON."),
    Code.DUPLICATE_KEY: (
        400,
        "JSON 的同一对象中不得有重复的键。",
        "An object of the JSON names the same key twice. Send each key once.",
    ),
    Code.BATCH_REFUSED: (
        400,
        "不支持批量请求，请逐一提交。",
        "Batches are not supported. Send one request after the other.",
    ),
    Code.BAD_REQUEST: (
        400,
        "请求参数类型不符：query、operationName 应为字符串，variables、extensions 应为对象。",
        "A parameter has the wrong type: query and operationName are strings, variables and extensions are maps.",
    ),
    Code.QUERY_MISSING: (
        400,
        "缺少 query 参数，也没有查询文档的编号。",
        "The parameter query is missing, and so is the id of a document.",
    ),
    Code.TIMEOUT: (504, "处理超时，已放弃本次请求。", "The request took too long and was given up."),
    Code.OVERLOADED: (
        503,
        "系统繁忙，暂未受理本次请求，请按 Retry-After 所示的秒数稍后重试。",
        "Too many requests at this moment. This one was not begun; try again after the seconds in Retry-After.",
    ),
    Code.REQUEST_INCOMPLETE: (
        408,
        "请求未在规定时间内完整送达。",
        "The request did not arrive as a whole in the time that it may take.",
    ),
    Code.HEADERS_TOO_LARGE: (431, "请求头过长。", "The headers of the request are longer than this service takes."),
    Code.DATABASE_UNAVAILABLE: (Unavailable.status, Unavailable.message_zh, Unavailable.message),
    Code.NOT_RECORDED: (NotRecorded.status, NotRecorded.message_zh, NotRecorded.message),
    Code.RECORD_DAMAGED: (RecordDamaged.status, RecordDamaged.message_zh, RecordDamaged.message),
    Code.INTERNAL: (
        500,
        "内部错误。请将请求编号告知管理员。",
        "Internal error. Tell the operator the request id, which finds the log line.",
    ),
    Code.NOT_FOUND: (404, "没有这个地址。", "There is nothing at this address."),
    Code.PERSONA_UNKNOWN: (404, "没有这个演示角色。", "There is no such persona."),
    Code.IDEMPOTENCY_KEY_REQUIRED: (
        400,
        "请用 Idempotency-Key 请求头给出本条信息的编号（不超过128个字母、数字或 . _ : -）。",
        "Give the message's key in the header Idempotency-Key: 128 characters at most (letters, digits, . _ : -).",
    ),
    Code.IDEMPOTENCY_CONFLICT: (
        409,
        "该编号已用于另一条内容不同的信息。",
        "This key has been used for a message with another content.",
    ),
    Code.LOOKUP_QUOTA: (
        429,
        "本账号提交的号码已达上限，请在 until 所示时间之后再试。",
        "This account has named as many numbers as it may. Try again after the instant in `until`.",
    ),
    Code.RATE_EXCEEDED: (RateExceeded.status, RateExceeded.message_zh, RateExceeded.message),
    Code.NOT_ADMITTED: (403, "该身份不得推送案件信息。", "This caller may not push cases here."),
    Code.FILE_PURPOSE: (400, "请用 Access-Purpose 请求头说明用途。", "State the purpose in the header Access-Purpose."),
    Code.FILE_NOT_ADMITTED: (
        403,
        "当前身份不得为该用途上传证据文件。",
        "In this role no file may be uploaded for this purpose.",
    ),
    Code.FILE_CONTENT_TYPE: (
        415,
        "请以文件本身为请求正文，Content-Type 为 application/octet-stream 或者文件的类型，不得压缩编码。",
        "Send the file itself as the body, as application/octet-stream or its own type, without content encoding.",
    ),
    Code.FILE_TYPE_REFUSED: (
        415,
        "仅接受完整的 PDF、PNG、JPEG 文件；类型按文件内容判断。",
        "Only whole PDF, PNG and JPEG files are accepted; the content decides.",
    ),
    Code.FILE_QUOTA: (
        413,
        "已上传而尚未使用的文件过多，请先在办理中使用，或者待其过期。",
        "Too many of your files wait to be attached. Attach them, or wait until they expire.",
    ),
    Code.FILE_INFECTED: (
        422,
        "文件未通过恶意代码检查，未予保存。",
        "The scanner found malware. The file was not kept.",
    ),
    Code.FILE_SCANNER_UNAVAILABLE: (
        503,
        "暂时无法检查文件，未予保存，请稍后重试。",
        "The file cannot be scanned now, and was not kept. Try again later.",
    ),
    Code.LINK_NOT_ADMITTED: (
        403,
        "仅申报主体本人可以关联账号。请以本人身份登录；令牌含有多个角色的，请用 Acting-Role: subject 说明。",
        "Only a subject links its own account. Sign in as yourself, or send Acting-Role: subject if you hold several.",
    ),
    Code.LINK_NOT_NEEDED: (
        409,
        "令牌已载明申报主体，无需关联，可以直接办理。",
        "The token already names its subject. Nothing has to be linked; use it as it is.",
    ),
    Code.OWN_DATA_NOT_ADMITTED: (
        403,
        "仅申报主体本人或者其代理人可以获取本人信息副本，用途为 SELF_ACCESS。",
        "Only a subject or its delegate gets a copy of its data, for the purpose SELF_ACCESS.",
    ),
    Code.OWN_DATA_TOO_LONG: (
        413,
        "内容超过 PDF 副本的上限，请获取 JSON 或者 CSV 副本。",
        "There is more than a PDF takes: get the copy as JSON or CSV.",
    ),
    Code.LINK_BODY: (
        400,
        "请求体应为空，或者为仅含 area（街道、镇代码）的 JSON 对象。",
        "The body is empty, or a JSON object with nothing but `area`, the code of a sub-district or town.",
    ),
    Code.LINK_NAME_CONFLICT: (
        409,
        "该号码登记的姓名（名称）与身份认证平台核验的不一致，未予关联。请持有效证件到窗口核对更正后再试。",
        "The number is on record under another name. Have it put right at a window with your document; then try again.",
    ),
    Code.LINK_COLLISION: (
        409,
        "该号码正在由其他请求登记，请稍后重试。",
        "Another request is registering this number. Try again in a moment.",
    ),
    Code.LINKED_OTHERWISE: (
        409,
        "该账号已关联其他号码的主体。请核对登录的账号；确需更换的，先提交 POST /unlink 再关联。",
        "This account is linked with another number. See whether it is the right one; else send POST /unlink first.",
    ),
    Code.ASSURANCE_TOO_LOW: (
        403,
        "该账号的实名认证等级不足，请先在身份认证平台完成更高等级的实名认证。",
        "The identity of this account is not verified well enough. Verify it at the identity platform first.",
    ),
    Code.IDENTITY_NOT_STATED: (
        422,
        "令牌未载明姓名（名称）和号码。请在登录时同意提供身份信息；仍有问题的，请管理员检查 CHENGXIN_OIDC_…_CLAIM。",
        "The token states no name and number. Allow them when you sign in, or have CHENGXIN_OIDC_…_CLAIM looked at.",
    ),
    Code.IDENTITY_NOT_WELL_FORMED: (
        422,
        "身份认证平台提供的姓名、号码或所填区域不符合要求（见 problems），未予登记。请到窗口持证件办理。",
        "The name, number or area is not acceptable (see `problems`). Register at a window with your document.",
    ),
    Code.LOG_PATH: (
        400,
        "该地址不是日志分块或者证明的规范地址（c2sp.org/tlog-tiles）。",
        "This is not the canonical address of a tile or a proof of a log [c2sp.org/tlog-tiles].",
    ),
    Code.LOG_METHOD: (405, "日志只供读取，请使用 GET 或 HEAD。", "A log is only read. Use GET or HEAD."),
    Code.LOG_NOT_FOUND: (
        404,
        "日志的已公布部分中没有该内容。刚记入的条目将在数秒后公布。",
        "What the log has published does not hold this. An entry is published some seconds after it was made.",
    ),
    Code.LEDGER_UNAVAILABLE: (503, "暂时无法读取日志，请稍后重试。", "The log cannot be read now. Try again later."),
    Code.SESSION_ENDED: (401, "登录会话已结束，请重新登录。", "The session of this browser is over. Log in again."),
    Code.SESSION_ROLE_REQUIRED: (
        400,
        "该账号有多个角色，请先提交 POST /session/role 选定本次会话办理的角色。",
        "The account holds several roles. Choose the one of this session first, by POST /session/role.",
    ),
    Code.SESSION_ROLE_DIFFERS: (
        400,
        "请求所声明的角色与会话的角色不同。更换角色请提交 POST /session/role。",
        "The request names another role than its session has. To change the role, send POST /session/role.",
    ),
    Code.SESSION_BODY: (
        400,
        '请求体应为 JSON 对象：{"role": …}、{"id": …} 或者 {"all": true}。',
        'The body is a JSON object: {"role": …}, {"id": …} or {"all": true}.',
    ),
    Code.CROSS_SITE: (
        403,
        "带有登录会话的请求只能来自本系统自己的页面，未予受理。",
        "With the session of a browser, only pages of this gateway's own origin may send requests.",
    ),
    Code.CSRF_TOKEN: (
        403,
        "缺少 X-CSRF-Token 请求头，或者其内容与会话不符，未予受理。请先从 GET /session 取得。",
        "The header X-CSRF-Token is missing, or not the one of this session. GET /session states it.",
    ),
    Code.PROVIDER_UNAVAILABLE: (
        503,
        "暂时无法与身份提供方通信，会话未能续期，请稍后重试。",
        "The identity provider cannot be reached now, so the session was not renewed. Try again later.",
    ),
    Code.WEBSOCKET_HANDSHAKE: (
        400,
        "WebSocket 握手请求不符合 RFC 6455，或者请求头过长。令牌请在 connection_init 中提供。",
        "The handshake is not as RFC 6455 says, or a header is too long. Send the token in connection_init.",
    ),
    Code.ORIGIN_REFUSED: (
        403,
        "该来源的页面不得建立连接。确需允许的，请管理员将其列入 CHENGXIN_CORS_ORIGINS。",
        "Pages of this origin may not connect. The operator names origins in CHENGXIN_CORS_ORIGINS.",
    ),
    Code.ACCOUNT_REQUIRED: (
        401,
        "建立长连接须先登录，或者提供令牌。",
        "A stream is for an account: log in, or send a token.",
    ),
    Code.TOO_MANY_STREAMS: (
        429,
        "本账号的长连接已达 limit 所示的上限，请先关闭一个再试。",
        "This account has as many streams open as it may. Close one of them first.",
    ),
    Code.TOO_MANY_OPERATIONS: (
        429,
        "本连接上同时进行的操作已达 limit 所示的上限，请先结束一项再试。",
        "As many operations run on this connection as may. Complete one of them first.",
    ),
    Code.STREAM_METHOD: (405, "请使用 PUT、GET、POST 或 DELETE。", "Use PUT, GET, POST or DELETE."),
    Code.STREAM_TOKEN_IN_ADDRESS: (
        400,
        "事件流令牌不得放在网址中，请使用 X-GraphQL-Event-Stream-Token 请求头。",
        "The token of a stream never belongs in an address. Send it in the header X-GraphQL-Event-Stream-Token.",
    ),
    Code.STREAM_UNKNOWN: (
        404,
        "没有该令牌的事件流：令牌缺失、已过期，或者由另一个服务进程发出。请重新以 PUT 预约。",
        "No stream has this token: it is missing, over, or of another process. Make a reservation anew, by PUT.",
    ),
    Code.STREAM_IN_USE: (
        409,
        "该事件流已经打开，一次预约只能打开一个。",
        "This stream is open already. A reservation opens one.",
    ),
    Code.STREAM_NOT_ACCEPTED: (
        406,
        "事件流只以 text/event-stream 提供，请在 Accept 请求头中写明。",
        "The events here are text/event-stream. Say so in the header Accept.",
    ),
    Code.OPERATION_ID_REQUIRED: (
        400,
        "请给出操作编号：POST 时在 extensions.operationId 中，DELETE 时在 operationId 参数中，1至128个字符。",
        "Give the id of the operation, 1 to 128 characters: in extensions.operationId, or in operationId of a DELETE.",
    ),
    Code.OPERATION_ID_IN_USE: (
        409,
        "该编号的操作仍在进行，请使用另一个编号。",
        "An operation of this id runs already. Use another id.",
    ),
}


_CLOSING = frozenset({Code.BODY_TOO_LARGE, Code.REQUEST_INCOMPLETE, Code.HEADERS_TOO_LARGE})
_ALLOWED: Final = {
    Code.METHOD_NOT_ALLOWED: "GET, POST",
    Code.STREAM_METHOD: "GET, POST, PUT, DELETE",
    Code.LOG_METHOD: "GET, HEAD, OPTIONS",
}
UNAVAILABLE: Final = 503
AGAIN_SECONDS: Final = "5"
"""After how long a request may be sent again that was refused because something is not available."""


class HttpRefusal(Exception):
    """A refused request. *headers* are those that the response must carry."""

    def __init__(self, code: Code, **facts: str | int) -> None:
        super().__init__(str(code))
        self.code = code
        self.facts = facts
        self.status = WORDS[code][0]

    @property
    def retry_at(self) -> datetime | None:
        """The instant from which the request may be tried again; None where the refusal states none."""
        until = self.facts.get("until")
        return datetime.fromisoformat(until) if isinstance(until, str) else None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that HTTP requires with this status [RFC 9110, RFC 6750]."""
        if self.status == 401:  # noqa: PLR2004 - the number is the name of the status
            return {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{self.code}"'}
        if self.status == UNAVAILABLE:
            return {"Retry-After": "1" if self.code is Code.OVERLOADED else AGAIN_SECONDS}
        if self.code in _ALLOWED:
            return {"Allow": _ALLOWED[self.code]}
        if self.code in _CLOSING:
            # The unread rest of the request must not be parsed as the next one of the connection.
            return {"Connection": "close"}
        return {}

    def body(self, request_id: str | None) -> bytes:
        """Return the refusal as a GraphQL response without data."""
        _, message, english = WORDS[self.code]
        named = {} if request_id is None else {"requestId": request_id}
        extensions = {"code": self.code, "messageEn": english, **named, **self.facts}
        return orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})


def refusal_of(error: Exception) -> HttpRefusal:
    """Return the refusal of a request that *error* ended: what is not available is no bug."""
    if isinstance(error, StoreUnavailable):
        return HttpRefusal(Code.DATABASE_UNAVAILABLE)
    if isinstance(error, NotRecorded):
        return HttpRefusal(Code.NOT_RECORDED)
    return HttpRefusal(Code.INTERNAL)
