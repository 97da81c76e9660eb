"""Acts of the system's operator on behalf of an account: at the command line, without a token of that account.

    operator/handler-7      in every record: the operator acted on behalf of handler-7

No token's account has such a reference, since a slash is not part of one. Nothing proves that the account's owner knew
of the act, so no record names the account alone. Rules about who may decide on an act count it as one of the account.
"""

from typing import Final

from credit.core.values.references import LONGEST_NAME

_OPERATOR: Final = "operator/"
LONGEST_ACCOUNT: Final = LONGEST_NAME - len(_OPERATOR)
"""The longest account for which the operator can act: the length of the columns, less the prefix."""


def operator_for(account: str) -> str:
    """Return the reference under which the operator acts on behalf of *account*."""
    return _OPERATOR + account


def is_operator(ref: str) -> bool:
    """Return whether *ref* is the operator's, on behalf of an account."""
    return ref.startswith(_OPERATOR)


def account_of(ref: str) -> str:
    """Return the account that acts, or on whose behalf the operator does."""
    return ref.removeprefix(_OPERATOR)


def in_words(ref: str) -> str | None:
    """Return who acted in plain words, in Chinese and English; None for an account that acted itself."""
    if not is_operator(ref):
        return None
    account = account_of(ref)
    return f"系统运维人员代 {account} 操作（the system's operator acted on behalf of {account}）"
