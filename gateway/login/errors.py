"""Why a login fails. The page that says so names the reason, and nothing that was sent.

LoginRefused         by a row of LoginFlaw
"""

from collections.abc import Mapping
from enum import StrEnum


class LoginFlaw(StrEnum):
    """What is wrong with a login, or with what the identity provider answered."""

    STATE = "STATE"
    """No login of this state is under way: it was used, it took too long, or there never was one."""
    BROWSER = "BROWSER"
    """Another browser began it."""
    DECLINED = "DECLINED"
    """The provider says that the person, or the provider itself, declined."""
    ISSUER = "ISSUER"
    """The answer names another issuer [RFC 9207], or none where the provider says that it always does."""
    CODE = "CODE"
    """The provider gives no tokens for the code."""
    ID_TOKEN = "ID_TOKEN"  # noqa: S105 - a word, no secret
    """The ID token is missing, forged, expired, for another client, or of another login [OIDC Core 3.1.3.7]."""
    ACCESS_TOKEN = "ACCESS_TOKEN"  # noqa: S105 - as above
    """The access token is none that this gateway accepts, or it is of another account."""
    UNAVAILABLE = "UNAVAILABLE"
    """The provider does not answer, or not as [OIDC Discovery 4.3] asks."""


WORDS: Mapping[LoginFlaw, tuple[int, str, str]] = {
    LoginFlaw.STATE: (
        400,
        "本次登录已经用过或者超过时限，请重新登录。",
        "This login was used already, or it took too long. Log in again.",
    ),
    LoginFlaw.BROWSER: (
        400,
        "本次登录不是由这个浏览器发起的。如果不是您本人打开的链接，请关闭本页。",
        "This login was begun in another browser. If you did not open this link yourself, close the page.",
    ),
    LoginFlaw.DECLINED: (
        403,
        "身份提供方未予登录，或者您取消了登录。",
        "The identity provider did not log you in, or you cancelled.",
    ),
    LoginFlaw.ISSUER: (
        400,
        "登录结果来自其他身份提供方，未予受理。",
        "The answer comes from another identity provider, and was not accepted.",
    ),
    LoginFlaw.CODE: (
        400,
        "身份提供方不认可本次登录的授权码，请重新登录。",
        "The identity provider does not accept the code of this login. Log in again.",
    ),
    LoginFlaw.ID_TOKEN: (
        400,
        "身份提供方的身份令牌未通过核验，未予登录。请告知管理员。",
        "The ID token of the identity provider is not acceptable. Tell the operator.",
    ),
    LoginFlaw.ACCESS_TOKEN: (
        403,
        "身份提供方给出的访问令牌不能用于本系统，未予登录。请告知管理员。",
        "The access token of the identity provider is not for this service. Tell the operator.",
    ),
    LoginFlaw.UNAVAILABLE: (
        503,
        "暂时无法与身份提供方通信，请稍后再登录。",
        "The identity provider cannot be reached now. Log in later.",
    ),
}


class LoginRefused(Exception):
    """A login that came to nothing, or a session that gets no new tokens."""

    def __init__(self, flaw: LoginFlaw) -> None:
        super().__init__(str(flaw))
        self.flaw = flaw
