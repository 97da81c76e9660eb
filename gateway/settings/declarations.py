"""The table of settings: each setting is declared, read and documented from here alone.

`docs/operations.md` holds `document()`, and a test compares. Secrets are never values, only paths to files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.settings import parsers

PREFIX = "CHENGXIN_"


class Required:
    """The default of a setting that must be set."""


REQUIRED = Required()
Default = str | None | Required


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the name without prefix, its parser, its defaults and its meaning."""

    name: str
    read: Callable[[str], Any]
    demo: Default
    production: Default
    meaning: str


def _row(name: str, read: Callable[[str], Any], default: Default, meaning: str, production: Default = "=") -> Setting:
    return Setting(name, read, default, default if production == "=" else production, meaning)


TABLE: tuple[Setting, ...] = (
    _row("MODE", parsers.choice("demo", "production"), "demo",
         "`demo` has synthetic persons and its own token issuer, and listens on loopback only; `production` has "
         "neither, and must be set explicitly."),
    _row("DATABASE_URL", parsers.database_url, "sqlite:///var/chengxin.db",
         "The database: `sqlite:///path` (one process) or `postgresql://user@host/database`. In production it may "
         "not contain a password.", production=REQUIRED),
    _row("DATABASE_PASSWORD_FILE", parsers.path, None, "A file whose first line is the database password."),
    _row("DATABASE_CONNECTIONS", parsers.whole(2, 200), "16",
         "The most connections of one process to PostgreSQL."),
    _row("STATEMENT_SECONDS", parsers.seconds(0.1, 120), "4",
         "How long one statement of a request may run. How long it may wait for a lock or a connection follows."),
    _row("KEK_FILE", parsers.path, "var/kek.key",
         "The file with the key-encryption key, readable by its owner only. `make run` creates one for the demo.",
         production=REQUIRED),
    _row("POLICY_DIR", parsers.path, None,
         "The folder with `who.csv`, `need.csv`, `groups.csv`, `classes.csv` and `model.conf`. Without it: those of "
         "this release."),
    _row("OIDC_ISSUER", parsers.web_address, None,
         "The issuer that signs bearer tokens, exactly as in their `iss`. Refused in demo mode, which has its own.",
         production=REQUIRED),
    _row("OIDC_AUDIENCE", parsers.text, "chengxin",
         "The audience of this gateway: a token's `aud` must contain it.", production=REQUIRED),
    _row("OIDC_JWKS_URL", parsers.web_address, None,
         "Where the issuer publishes its public keys. Refused in demo mode.", production=REQUIRED),
    _row("OIDC_SUB_CLAIM", parsers.claim, "sub",
         "The claim that identifies an account, for ever and for nobody else; docs/tokens.md shows how claims are "
         "named."),
    _row("OIDC_ACCOUNT_REFERENCES", parsers.choice("keyed", "plain"), "plain",
         "`keyed`: records hold a keyed reference (`acct-…`) of that claim, which may be any text. `plain`: they hold "
         "the claim itself; you state by it that your issuer gives out references without personal data.",
         production="keyed"),
    _row("OIDC_KEPT_REFERENCES_FILE", parsers.path, None,
         "A file of accounts that keep an earlier reference, after a change to `keyed` or of the issuer's name "
         "(docs/tokens.md)."),
    _row("OIDC_ROLES_CLAIM", parsers.claim, "roles",
         "The claim with the roles: a list, or one text with spaces between them."),
    _row("OIDC_ROLE_NAMES", parsers.role_names, "",
         "What the issuer calls our roles, as `theirs=ours;theirs=ours`. Other names are then no role, ours included. "
         "Empty: it calls them as we do."),
    _row("OIDC_DEFAULT_ROLE", parsers.choice("subject"), None,
         "The role of a token that lacks the claim of roles. Only `subject`, which sees nothing but its own."),
    _row("OIDC_ACTING_ROLE_CLAIM", parsers.claim, "acting_role",
         "The claim by which the issuer restricts a token to one of its roles."),
    _row("OIDC_DEPARTMENT_CLAIM", parsers.claim, "department",
         "The claim with the code of the department: a text, or a list of one."),
    _row("OIDC_SECTOR_CLAIM", parsers.claim, "sector", "The same for the sector of a regulator."),
    _row("OIDC_AREA_CLAIM", parsers.claim, "area", "The same for the area of a regulator."),
    _row("OIDC_SUBJECT_CLAIM", parsers.claim, "subject", "The same for the UUID of the own subject."),
    _row("TOKEN_LIMIT", parsers.whole(1024, 65536), "16384",
         "The longest bearer token, in characters. A proxy in front must pass a header of that length."),
    _row("CLOCK_SKEW_SECONDS", parsers.whole(0, 300), "30", "How far the issuer's clock may differ from ours."),
    _row("LOGIN", parsers.switch, "on",
         "Whether people log in with a browser at `/login` (docs/tokens.md). With it GraphiQL asks for no token.",
         production="off"),
    _row("PUBLIC_URL", parsers.origin, None,
         "The address at which browsers reach this gateway, without a path; `https` in production. Without it, a demo "
         "takes `HOST` and `PORT`."),
    _row("OIDC_CLIENT_ID", parsers.text, "chengxin-gateway",
         "What the issuer calls this gateway as a client that logs people in. Another word than `OIDC_AUDIENCE`.",
         production=None),
    _row("OIDC_CLIENT_SECRET_FILE", parsers.path, None,
         "A file whose first line is the secret of that client; read again for each login. Without it: a public "
         "client, which has PKCE alone."),
    _row("OIDC_SCOPES", parsers.text, "openid",
         "What a login asks for, with spaces between. An issuer that gives refresh tokens for `offline_access` only "
         "needs that word too; without refresh tokens a session ends with its access token."),
    _row("OIDC_RESOURCE", parsers.text, None,
         "The resource for which a login asks a token [RFC 8707], where the issuer knows this gateway by one."),
    _row("SESSION_IDLE_MINUTES", parsers.whole(2, 1440), "30",
         "After so many minutes without a request the session of a browser is over."),
    _row("SESSION_HOURS", parsers.whole(1, 24), "10", "How long it lasts at the longest, from the login on."),
    _row("OIDC_NAME_CLAIM", parsers.claim, None,
         "The claim with a person's name, as verified by the issuer. With OIDC_NUMBER_CLAIM it allows `POST /link`, "
         "which links the account with its subject (docs/linking.md) [5.1.6]."),
    _row("OIDC_NUMBER_CLAIM", parsers.claim, None, "The same for the person's identity number. It is never stored."),
    _row("OIDC_ORGANISATION_NAME_CLAIM", parsers.claim, None,
         "The same for the name of an organisation or sole trader, with OIDC_ORGANISATION_CODE_CLAIM."),
    _row("OIDC_ORGANISATION_CODE_CLAIM", parsers.claim, None,
         "The claim with its unified social credit code. A token that has it is the organisation's, not the person's "
         "who signed in."),
    _row("OIDC_ASSURANCE", parsers.claim_values, None,
         "What a token has to state before its name and number count as verified, as `claim=value,value`. Without it "
         "the issuer must give out no account whose identity it has not verified."),
    _row("LINK_AREA", parsers.text, None,
         "The code of the area in which `POST /link` registers somebody who names no area: that of the district, say."),
    _row("DEV_KEY_FILE", parsers.path, "var/dev-issuer.json",
         "The signing key of the demo's token issuer. Demo mode only.", production=None),
    _row("DEMO_REACH", parsers.choice("loopback", "network"), "loopback",
         "`network` lets a demo listen beyond this machine; anybody there can then get a token. Demo mode only.",
         production=None),
    _row("HOST", parsers.host, "127.0.0.1", "The address to listen on."),
    _row("PORT", parsers.whole(1, 65535), "8000", "The port to listen on."),
    _row("BODY_LIMIT", parsers.whole(1024, 16 * 1024 * 1024), "262144", "The largest request body, in bytes."),
    _row("MAX_TOKENS", parsers.whole(50, 100_000), "2000", "The most tokens in a GraphQL document."),
    _row("MAX_DEPTH", parsers.whole(3, 50), "15", "The deepest nesting of selections."),
    _row("MAX_ALIASES", parsers.whole(0, 1000), "60", "The most aliases in a document."),
    _row("MAX_ROOT_FIELDS", parsers.whole(1, 100), "12", "The most root fields in an operation."),
    _row("MAX_DIRECTIVES", parsers.whole(2, 100), "8", "The most directives at one place of a document."),
    _row("MAX_COST", parsers.whole(100, 10_000_000), "10000",
         "The most that an operation may cost, as `@cost` and `@listSize` of the schema state it."),
    _row("MAX_VALUES", parsers.whole(100, 10_000_000), "40000", "The most values that an operation may ask for."),
    _row("MAX_PAGE_SIZE", parsers.whole(1, 1000), "100", "The largest `first` of a list."),
    _row("MAX_NODE_IDS", parsers.whole(1, 1000), "100", "The most ids in one `nodes`."),
    _row("CONSULTATION_MOST_NAMES", parsers.whole(1, 5000), "500", "The most names in one consultation [5.2.3]."),
    _row("LOOKUPS_PER_ACTOR", parsers.quotas, "120/hour;600/day",
         "How many numbers one account may look up: `subjectByIdentifier`, `registerSubject`, filing and collecting "
         "with a number, corrections of a number, and first links together; hits and misses count alike [5.1.6]."),
    _row("LOOKUPS_PER_DEPARTMENT", parsers.quotas, "1200/hour;6000/day",
         "The same for all accounts of one department."),
    _row("CONSULTED_PER_ACTOR", parsers.quotas, "2000/day",
         "How many numbers one account may name in consultations; no limit may be below `CONSULTATION_MOST_NAMES` "
         "[5.2.3]."),
    _row("CONSULTED_PER_DEPARTMENT", parsers.quotas, "5000/day",
         "The same for all accounts of one department or association."),
    _row("IMPORTED_PER_ACTOR", parsers.quotas, "20000/day",
         "How many rows of files one account may import; a dry run and a refused row count as well. No limit may be "
         "below 200, the rows that are looked up at once [5.1.6]."),
    _row("IMPORTED_PER_DEPARTMENT", parsers.quotas, "50000/day",
         "The same for all accounts of one department; the cases that they push count as well."),
    _row("PUSHED_PER_ACTOR", parsers.quotas, "1000/hour;5000/day",
         "How many cases the account of another platform may push; one that is quarantined counts as well [5.1.6]."),
    _row("REQUESTS_PER_ACTOR", parsers.rates, "off",
         "How many requests one account may send, to whatever address; `off` limits none. Probes, static files and "
         "`/log` do not count. All rates count in windows that "
         "begin at whole minutes, hours and days, and are shared by replicas; what is refused with `RATE_EXCEEDED` "
         "(429) counts nowhere.", production="600/minute"),
    _row("REQUESTS_PER_DEPARTMENT", parsers.rates, "off", "The same for all accounts of one department.",
         production="6000/minute"),
    _row("REQUESTS_PER_NETWORK", parsers.rates, "off",
         "The same for callers without a token from one network (IPv4 /24, IPv6 /48).", production="1200/minute"),
    _row("REQUESTS_PER_DOCUMENT", parsers.rates, "off",
         "The same for one document, by all callers together.", production="30000/minute"),
    _row("COST_PER_ACTOR", parsers.rates, "off",
         "What the requests of one account may cost together, as `@cost` and `@listSize` of the schema state it. No "
         "limit may be below `MAX_COST`.", production="200000/minute"),
    _row("COST_PER_DEPARTMENT", parsers.rates, "off", "The same for all accounts of one department.",
         production="2000000/minute"),
    _row("COST_PER_NETWORK", parsers.rates, "off",
         "The same for callers without a token from one network.", production="400000/minute"),
    _row("COST_PER_DOCUMENT", parsers.rates, "off", "The same for one document, by all callers together."),
    _row("LEDGER_PER_NETWORK", parsers.rates, "off",
         "How many checkpoints and proofs of `/log` one network may read. Tiles do not count: caches keep them.",
         production="1200/minute"),
    _row("LOGINS_PER_NETWORK", parsers.rates, "off",
         "How many logins of browsers one network may begin; an office has one address.", production="120/minute"),
    _row("LOGINS_PER_ACTOR", parsers.rates, "off", "How many sessions one account may begin by a login.",
         production="30/hour"),
    _row("RATES_REDIS_URL", parsers.redis_address, None,
         "A Redis in which replicas share these rates, such as `redis://host:6379/0`, with the extra `redis`. Without "
         "it they share them in the database."),
    _row("RATES_REDIS_PASSWORD_FILE", parsers.path, None, "A file whose first line is the password of that Redis."),
    _row("LOOKUP_ALARM_MINUTES", parsers.whole(1, 10_080), "1440",
         "The time over which the alarms about lookups look back."),
    _row("LOOKUP_ALARM_MISSES", parsers.whole(1, 100), "90",
         "`lookups.misses`: the percentage of an account's searches without an answer from which it is an alarm."),
    _row("LOOKUP_ALARM_LEAST", parsers.whole(1, 1_000_000), "50",
         "The least number of searches by an account for that alarm."),
    _row("LOOKUP_ALARM_NEIGHBOURS", parsers.whole(2, 1_000_000), "5",
         "`lookups.neighbours`: from how many numbers that differ in their last four characters only it is an alarm."),
    _row("LOOKUP_ALARM_CONFLICTS", parsers.whole(1, 1_000_000), "100",
         "`lookups.conflicts`: from how many numbers that an account registers, imports or pushes, and that the record "
         "refuses, it is an alarm."),
    _row("TIMEOUT_SECONDS", parsers.seconds(0.05, 300), "10", "The time limit of a request. Then it is cancelled."),
    _row("DOCUMENT_MILLISECONDS", parsers.whole(1, 1_000_000), "250",
         "The processor time that a process spends in each second, on average over ten, to read and plan unknown "
         "documents. Beyond it they are refused with `DOCUMENT_BUDGET` (429); known ones are answered."),
    _row("DOCUMENT_MILLISECONDS_PER_CLIENT", parsers.whole(1, 1_000_000), "100",
         "The same for one client: an account, or the network of callers without a token."),
    _row("DOCUMENT_CACHE_BYTES", parsers.whole(1024 * 1024, 16 * 1024 * 1024 * 1024), "33554432",
         "The memory of a process for known documents and their plans, in bytes. What was not used for the longest "
         "time goes first."),
    _row("REQUESTS_AT_ONCE", parsers.whole(1, 10_000), "32",
         "How many requests a process works on at a time; `/healthz`, `/readyz` and `/metrics` do not count."),
    _row("REQUESTS_WAITING", parsers.whole(0, 10_000), "64",
         "How many more may wait for their turn. Every other is refused at once, with 503 and `OVERLOADED`."),
    _row("REQUESTS_WAITING_SECONDS", parsers.seconds(0.01, 60), "1",
         "How long a request may wait for its turn; then it is refused, rather than served when nobody waits for it."),
    _row("CONNECTIONS_AT_ONCE", parsers.whole(1, 100_000), "2000",
         "How many connections a process holds. A further one takes the place of one that is idle, if there is one."),
    _row("RECEIVE_SECONDS", parsers.seconds(0.1, 300), "10",
         "How long a request may take to arrive, headers and body; a long one may take a second more for each 500 "
         "bytes that have come."),
    _row("KEEP_ALIVE_SECONDS", parsers.whole(1, 3600), "75",
         "How long an idle connection stays open. A reverse proxy in front must close its own sooner."),
    _row("STREAMS_AT_ONCE", parsers.whole(1, 100_000), "1000",
         "How many WebSockets and event streams a process holds, among its connections. Keep it below "
         "`CONNECTIONS_AT_ONCE`, so that streams leave room for requests."),
    _row("STREAMS_PER_ACCOUNT", parsers.whole(1, 10_000), "20",
         "How many of them one account may have in a process; each page that is open has one."),
    _row("STREAM_PATIENCE_SECONDS", parsers.seconds(0.1, 300), "10",
         "How long the client of a stream may take for what it is sent; then it is cut off, and may connect again."),
    _row("STREAM_HEARTBEAT_SECONDS", parsers.seconds(0.1, 300), "15",
         "The pause between two signs of life on a stream. A proxy in front must wait longer for data."),
    _row("STREAM_RESERVATION_SECONDS", parsers.seconds(0.1, 300), "10",
         "How long the reservation of an event stream waits for the stream."),
    _row("SUBSCRIPTIONS_AT_ONCE", parsers.whole(0, 100_000), "1000",
         "How many subscriptions a process holds. Every other is refused with `SUBSCRIPTION_LIMIT`; `0`: all."),
    _row("SUBSCRIPTIONS_PER_ACTOR", parsers.whole(1, 10_000), "50", "The same for one account, in one process."),
    _row("SUBSCRIPTIONS_PER_CONNECTION", parsers.whole(1, 1000), "20", "The same for one connection."),
    _row("SUBSCRIPTION_READS_AT_ONCE", parsers.whole(1, 1000), "4",
         "How many subscriptions of a process look for what is new at a time; the others wait for their turn."),
    _row("SUBSCRIPTION_PAUSE_SECONDS", parsers.seconds(0.05, 60), "1",
         "How long a subscription waits after it has looked: what happens meanwhile is one event."),
    _row("SUBSCRIPTION_CHECK_SECONDS", parsers.seconds(0.5, 60), "10",
         "How often the token, the login and the role of a subscriber are looked at, besides before each event."),
    _row("SUBSCRIPTION_LOOK_SECONDS", parsers.seconds(1, 60), "30",
         "After how long a subscription looks unasked: a signal may be lost with its process, and a day begins."),
    _row("INTROSPECTION", parsers.switch, "on",
         "Whether introspection of the schema is allowed. The audit needs it on.", production="off"),
    _row("FEDERATION", parsers.switch, "off",
         "Whether this gateway is also a subgraph of a federation: `_entities`, and `_service` where introspection is "
         "on (docs/federation.md)."),
    _row("TRUSTED_DOCUMENTS", parsers.choice("off", "log-unknown", "prefer", "require"), "off",
         "Which GraphQL documents are answered, besides those that `chengxin documents load` has loaded: with `off` "
         "all, and none by its id; with `log-unknown` all; with `prefer` those of callers with a token; with `require` "
         "none, and no answer has a word of the schema. Unknown ones leave the log event `document.unknown`.",
         production="log-unknown"),
    _row("PORTAL", parsers.switch, "on", "Whether the pages of the portal are served, from `/portal` on."),
    _row("GRAPHIQL", parsers.switch, "on", "Whether GraphiQL is served at `/graphiql`.", production="off"),
    _row("METRICS", parsers.switch, "on", "Whether `/metrics` is served, for Prometheus. It holds no personal data."),
    _row("OTLP_ENDPOINT", parsers.collector_address, None,
         "The base address of a collector of OpenTelemetry, such as `http://otel-collector:4318`, with the extra "
         "`otel`: traces go to `/v1/traces`, the figures of `/metrics` to `/v1/metrics`, by OTLP over HTTP. Neither "
         "holds personal data. Unset: there are none."),
    _row("OTLP_HEADERS_FILE", parsers.path, None,
         "A file with headers for the collector, one `name: value` on each line, such as a token."),
    _row("TRACE_PERCENT", parsers.whole(0, 100), "100",
         "How many of 100 traces that begin here are recorded. One that a caller begins with `traceparent` is recorded "
         "if the caller says so.", production="5"),
    _row("CORS_ORIGINS", parsers.origins, "",
         "Origins of front-ends that may call the gateway from a browser, separated by commas. Empty: only its own."),
    _row("CORS_HEADERS", parsers.header_names,
         "traceparent,tracestate,apollographql-client-name,apollographql-client-version",
         "Further request headers that these front-ends may send, separated by commas. The ones that this gateway "
         "always reads are always allowed; of others it reads `traceparent` and `tracestate`, with `OTLP_ENDPOINT`."),
    _row("CLIENTS_FILE", parsers.path, None,
         "A TOML file with settings of single client applications, by `azp` or `client_id` of their tokens; "
         "docs/front-end.md describes its form."),
    _row("LOG_FORMAT", parsers.choice("json", "console"), "console", "The format of log lines.", production="json"),
    _row("AUTHORISATION_LONGEST_DAYS", parsers.whole(1, 3660), "365",
         "The longest term of any authorisation, in days [5.1.6]. A purpose's template may be stricter. One that is "
         "longer allows no read."),
    _row("AUTHORISATION_LONGEST_DAYS_BEFORE", parsers.whole(1, 3660), None,
         "After that term was lowered: what it was before. What was granted until then stays in force to its end. "
         "Leave it out once so many days have passed."),
    _row("DELEGATION_LONGEST_DAYS", parsers.whole(1, 3660), "1096",
         "The longest term of any delegation, in days, from its recording [5.1.6]."),
    _row("NOTICE_REQUIRED", parsers.switch, "off",
         "Whether a request is granted only by naming the notice that its subject was shown [5.1.6]. `off` lets front "
         "ends of before grant; what they grant is bound to no notice.", production="on"),
    _row("UNRECTIFIED", parsers.choice("stays", "lapse"), "stays",
         "A restraint that is not rectified at the end of its period `stays` until it is, or may `lapse` [5.1.5]."),
    _row("PUBLICITY", parsers.text, "district",
         "Whether and how long a restraint is listed publicly [5.1.5]: `district`, the governing document's rule; "
         "`national`, that of order 36 since 2026-04-01; or a file in the form of "
         "`credit/policy_texts/publicity-district.toml`."),
    _row("PUBLICATION_DAYS", parsers.whole(1, 15), "5",
         "How many working days after its determination a case has to be published and pushed at the latest: what "
         '"promptly" is here [5.1.4(5)].'),
    _row("DELETION_DAYS", parsers.whole(1, 30), "15",
         "How many working days a recipient has to delete what it may not use any more, and to acknowledge it: after "
         "an authorisation has ended, was withdrawn, contested or narrowed [5.1.6]."),
    _row("CUT_OVER_ON", parsers.day, "2026-03-01",
         "The cut-over date: an import takes completed cases over only if they were determined and published before "
         "it, for the head of the authority to confirm. Unset: it takes none, and each case is collected [5.1.4].",
         production=None),
    _row("ENTRY_DELAY_LONGEST_DAYS", parsers.whole(1, 30), "30",
         "How many days ahead a head may delay the access entries of an investigation, and each extension of it "
         "[5.1.6]."),
    _row("REGISTRATION_DAYS", parsers.whole(1, 365), "30",
         "How many days a window sees whom it has put on record, while nothing is filed there [4.2] [5.1.6]. After "
         "them it starts from the number again."),
    _row("SUPPRESSION_K", parsers.whole(3, 100), "5",
         "Figures hide counts below this, other than 0, and the cells from which one could compute them [6.1] [6.3]."),
    _row("MEASURES_FILE", parsers.path, None,
         "A file with further measures that a law provides, in the form of `credit/policy_texts/measures.toml` "
         "[5.2.4]."),
    _row("COURIER", parsers.switch, "on",
         "Whether the courier runs inside the server; `off` where `chengxin courier run` is a process of its own."),
    _row("COURIER_SECONDS", parsers.seconds(0.05, 3600), "5", "The courier's pause between two rounds."),
    _row("PLATFORM_URL", parsers.web_address, None,
         "The address at which the city platform accepts messages [5.1.4(5)]. Without it messages wait; none is "
         "lost."),
    _row("PLATFORM_TOKEN_FILE", parsers.path, None,
         "A file whose first line is the bearer token for the city platform; read again for each message."),
    _row("SUPERVISION_URL", parsers.web_address, None,
         "The address at which the approval-supervision platform accepts corrections of cases it pushed [5.1.4(6)]."),
    _row("SUPERVISION_TOKEN_FILE", parsers.path, None, "The same as PLATFORM_TOKEN_FILE, for SUPERVISION_URL."),
    _row("SUPERVISORS_FILE", parsers.path, None,
         "A TOML file with the addresses of the supervising departments of each sector [5.2.2]; "
         "docs/city-platform.md describes its form."),
    _row("CHECK_VALID_DAYS", parsers.whole(0, 30), "0",
         "How many days a credit check stays valid after its day; `0` means the same day only [5.2.1]."),
    _row("INCENTIVES_FILE", parsers.path, None,
         "A file with further incentives that a law provides, in the form of `credit/incentives/incentives.toml` "
         "[4.2.4]."),
    _row("JOINT_MEASURES_URL", parsers.web_address, None,
         "The address of the city's joint rewards-and-penalties module (docs/joint-measures.md); `https` in "
         "production. Without it a demo uses a built-in simulation, and production gets UNKNOWN, which never counts "
         "as clean [4.1] and lets no case be determined [3.3]."),
    _row("JOINT_MEASURES_TOKEN_FILE", parsers.path, None,
         "A file whose first line is the bearer token for that module."),
    _row("JOINT_MEASURES_SECONDS", parsers.seconds(0.1, 60), "4",
         "The time limit for that module, all attempts together; it is capped below `TIMEOUT_SECONDS`."),
    _row("JOINT_MEASURES_ATTEMPTS", parsers.whole(1, 5), "3", "The number of attempts within that time."),
    _row("JOINT_MEASURES_FAILURES", parsers.whole(1, 1000), "5",
         "After so many failures in a row the module is not called for a while, and the result is UNKNOWN at once."),
    _row("JOINT_MEASURES_PAUSE_SECONDS", parsers.seconds(1, 3600), "30", "How long the module is then not called."),
    _row("NOTICE_TEMPLATE_DIR", parsers.path, None,
         "The folder of the departments' own templates, `<department>/<kind>.typ`. Without it: those of this "
         "release."),
    _row("REMEDIES_FILE", parsers.path, None,
         "A file with the reconsideration body and the court that a determination names, of the district and by "
         "department, in the form of `credit/notices/remedies.toml`, whose place it takes."),
    _row("NOTICE_SEAL_DIR", parsers.path, None,
         "The folder of the departments' seals, `<department>.png` or `.svg`. Without it there is space for a stamp."),
    _row("NOTICE_FONT_DIR", parsers.path, None,
         "A folder of further fonts, for characters in names that the fonts of this release lack."),
    _row("NOTICE_PKCS12_FILE", parsers.path, None,
         "The certificate and key that sign notices (PAdES), as a PKCS#12 file. Without one they are not signed."),
    _row("NOTICE_PKCS11_URI", parsers.pkcs11_uri, None,
         "The same on a PKCS#11 token: `pkcs11:token=…;object=…?module-path=…`. Set one of the two."),
    _row("NOTICE_SECRET_FILE", parsers.path, None,
         "A file whose first line is the passphrase of the PKCS#12 file, or the token's PIN."),
    _row("NOTICE_TSA_URL", parsers.time_stamp_address, None,
         "A time-stamp authority [RFC 3161]; with it signatures are PAdES B-T, and signing needs the network."),
    _row("NOTICE_MISSES_PER_NETWORK", parsers.quotas, "20/minute;200/hour",
         "How many wrong codes of notices may be tried from one network (IPv4 /24, IPv6 /48). A genuine code never "
         "counts and is never refused [A]."),
    _row("TRUSTED_PROXIES", parsers.networks, "",
         "The networks of your own reverse proxies, separated by commas. From them, and from nobody else, "
         "`X-Forwarded-For` names the client. Without it, all clients behind a proxy count as one network."),
    _row("FILE_LIMIT", parsers.whole(1024, 64 * 1024 * 1024), "10485760",
         "The largest file that may be uploaded as evidence, in bytes."),
    _row("FILE_WAITING_LIMIT", parsers.whole(1024, 1024 * 1024 * 1024), "52428800",
         "The bytes that one person may have uploaded and not attached yet."),
    _row("FILE_KEEP_HOURS", parsers.whole(1, 720), "24",
         "After so many hours a file that was attached to nothing is over; it is deleted within ten minutes."),
    _row("FILE_SCANNER", parsers.scanner, None,
         "The malware scanner of uploads: `tcp://host:port` of a clamd (INSTREAM), or the path of a command with its "
         "arguments, which reads the file and exits with 0 for clean and 1 for infected. Without it files are kept as "
         "`UNSCANNED`."),
    _row("FILE_SCANNER_REQUIRED", parsers.switch, "off", "Whether the gateway starts with a `FILE_SCANNER` only."),
    _row("FILE_SCANNER_SECONDS", parsers.seconds(0.1, 300), "30", "How long the scanner may take for one file."),
    _row("LEDGER_STORE", parsers.ledger_store, None,
         "Where the ledger's checkpoints and tiles lie: `file:/path/to/folder`, which must be there, or "
         "`s3://bucket/prefix`; one for each database, outside it and never restored with it (docs/ledger.md). Unset: "
         "the folder `ledger` beside the file of SQLite, or else beside the key file.",
         production=REQUIRED),
    _row("LEDGER_S3_ENDPOINT", parsers.service_address, None,
         "The address of another service than Amazon's with the interface of S3."),
    _row("LEDGER_S3_REGION", parsers.region, "us-east-1", "The region of the bucket, as the service names it."),
    _row("LEDGER_S3_KEY_FILE", parsers.path, None,
         "A file with two lines, the id of an access key and its secret. Without it: what the platform gives the "
         "process, such as the role of its account."),
    _row("LEDGER_ORIGIN", parsers.log_origin, "credit.linzi.example",
         "The name under which the logs are known for ever: `<origin>/consent`, `<origin>/access` and "
         "`<origin>/system`. By custom it is the address of this gateway without its scheme [c2sp.org/tlog-tiles].",
         production=REQUIRED),
    _row("LEDGER_EPOCH_SECONDS", parsers.whole(60, 86_400), "3600",
         "How many seconds after an epoch the next one publishes the root over all subjects' trees, and their sums."),
    _row("LEDGER_SEQUENCER", parsers.choice("process", "within", "off"), "process",
         "Who integrates and publishes what waits, keeps the trees of subjects and audits: a process that the server "
         "starts beside itself, the server itself, or neither, where `chengxin ledger sequence` runs elsewhere. Of "
         "several, one is at work."),
    _row("LEDGER_POLICY", parsers.path, None,
         "A file of witnesses and of the quorum that must cosign a checkpoint before it is published "
         "[c2sp.org/tlog-policy]. Without it there are no witnesses, and `quorum none`."),
    _row("LEDGER_AUDIT_HOURS", parsers.whole(0, 744), "24",
         "How often one process compares everything with the ledger in the background, in hours; 0 switches it off. "
         "`chengxin ledger audit` does the same at once."),
)  # fmt: skip
DEMO_ONLY = ("DEV_KEY_FILE", "DEMO_REACH")
PRODUCTION_ONLY = ("OIDC_ISSUER", "OIDC_JWKS_URL")


def document() -> str:
    """Return the table of settings as `docs/operations.md` shows it."""
    lines = ["| setting | demo | production | what it is for |", "|---|---|---|---|"]
    lines += [
        f"| `{PREFIX}{row.name}` | {_shown(row, 'demo')} | {_shown(row, 'production')} | {row.meaning} |"
        for row in TABLE
    ]
    return "\n".join(lines) + "\n"


def _shown(setting: Setting, mode: str) -> str:
    default = setting.demo if mode == "demo" else setting.production
    if isinstance(default, Required):
        return "**required**"
    if setting.name in (DEMO_ONLY if mode == "production" else PRODUCTION_ONLY):
        return "refused"
    return f"`{default}`" if default else "–"
