"""What a subject answers to authorisations, by a form with one button: give, refuse, withdraw, contest [5.1.6]."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from gateway.http.errors import Code, HttpRefusal
from gateway.portal.languages import Language


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its document, the step by which the service allows it, its word on the button, and once it is done."""

    document: str
    step: str
    chinese: str
    english: str
    done_chinese: str
    done_english: str


ANSWERS: Final[Mapping[str, Answer]] = {
    "grant": Answer(
        "subjects/grant", "GRANT_AUTHORISATION", "同意", "Give",
        "已同意授权。", "The authorisation is given.",
    ),
    "refuse": Answer(
        "subjects/refuse", "REFUSE_AUTHORISATION", "拒绝", "Refuse",
        "已拒绝授权。不影响正常办理，也不通知任何人。",
        "The request is refused. The ordinary service goes on, and nobody is notified.",
    ),
    "withdraw": Answer(
        "subjects/withdraw", "WITHDRAW_AUTHORISATION", "撤回", "Withdraw",
        "已撤回授权，即时生效。", "The authorisation is withdrawn, as of now.",
    ),
    "contest": Answer(
        "subjects/contest", "CONTEST_AUTHORISATION", "不是我给的", "I never gave it",
        "已提出异议，该授权停止使用。", "The paper is contested, and opens nothing from now on.",
    ),
}  # fmt: skip
"""By what its button sends."""


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """What a form says: which answer, to which authorisation as it was seen, under which key."""

    name: str
    authorisation: str
    version: int | None
    key: str
    notice: str | None

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Self:
        """Return what the form says. Raises HttpRefusal for one that is not of our page."""
        name, version = form.get("answer", ""), form.get("version", "")
        if (
            name not in ANSWERS
            or not form.get("key")
            or not (version == "" or (version.isascii() and version.isdigit()))
        ):
            raise HttpRefusal(Code.BAD_REQUEST)
        return cls(
            name,
            form.get("authorisation", ""),
            int(version[:9]) if version else None,
            form["key"],
            form.get("notice") or None,
        )

    @property
    def document(self) -> str:
        """The name of the document that gives the answer."""
        return ANSWERS[self.name].document

    @property
    def variables(self) -> Mapping[str, object]:
        """The variables of the document."""
        given: dict[str, object] = {
            "authorisation": self.authorisation,
            "expectedVersion": self.version,
            "idempotencyKey": self.key,
        }
        return {"input": given | ({"notice": self.notice} if self.name == "grant" else {})}


@dataclass(frozen=True, slots=True)
class AnswerRefused:
    """Why an answer was not taken. It is shown at the authorisation that it was for, beside how that stands now."""

    authorisation: str
    message: str

    @classmethod
    def of(cls, authorisation: str, refusal: Mapping[str, Any], language: Language) -> Self:
        """Return what a refusal of the schema says in *language*."""
        return cls(authorisation, language.choose(refusal["message"], refusal["messageEn"]))
