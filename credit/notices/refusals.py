"""What issuing and checking documents refuses [A]: the branches, and below them the reasons.

CreditError
├── FactMissing        a document without a fact that it has to tell
├── CannotBePrinted    the fonts lack characters
├── TemplateUnfit      the template cannot be made into a document
├── CannotBeSigned     the certificate, its token or the time-stamp authority is not at hand
├── TooManyChecks      more codes are tried than people with a paper would try
└── ProcedureRefused
    └── NotYet         of `credit.cases.refusals`: what the document tells of has not happened
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from credit.core.errors import CreditError
from credit.core.labels import Labelled
from credit.core.refusals import Phrase, Reason


class FactMissing(CreditError):
    """A notice without a required fact. *names* are all missing facts, in the notice's order."""

    reason = Reason("FACT_MISSING", "A", "{kind} lacks {names}.", "《{kind}》缺少：{names}。")

    def __init__(self, kind: Labelled, names: Sequence[str], labels: Sequence[str]) -> None:
        super().__init__(
            replace(self.reason, clause=kind.clause), kind=kind, names=Phrase(", ".join(names), "、".join(labels))
        )
        self.names = names
        self.facts = list(labels)


class CannotBePrinted(CreditError):
    """The fonts lack characters. *characters* are keyed by the name of their fact."""

    reason = Reason("CANNOT_BE_PRINTED", "A",
        "The fonts lack characters of the document. An operator can add a font.",
        "文书含有现有字体无法显示的字符，请联系管理员补充字体。")  # fmt: skip

    def __init__(self, characters: dict[str, str]) -> None:
        super().__init__()
        self.characters = characters


class TemplateUnfit(CreditError):
    """The department's template cannot be made into a document. *template* and *line* are the place."""

    reason = Reason("TEMPLATE_UNFIT", "A",
        "The template cannot be made into a document: {where}.", "文书模板无法使用：{where}。")  # fmt: skip

    def __init__(self, template: str, line: int | None) -> None:
        super().__init__(where=template if line is None else f"{template}:{line}")
        self.template = template
        self.line = line


class CannotBeSigned(CreditError):
    """Documents are to be signed, and the certificate, its token or the time-stamp authority is not at hand."""

    reason = Reason("CANNOT_BE_SIGNED", "A",
        "The document cannot be signed now, and was not issued. Tell the operator.",
        "文书暂时无法加盖电子签名，未予制作，请联系管理员。")  # fmt: skip


class TooManyChecks(CreditError):
    """More wrong codes are tried from one network than holders of documents would try; *until* says when it ends."""

    reason = Reason("TOO_MANY_CHECKS", "A",
        "Too many wrong codes were tried from this network. Compare the code with the paper, and try again later.",
        "本网络核验错误次数过多。请核对文书所载核验码，稍后再试。")  # fmt: skip

    def __init__(self, until: datetime) -> None:
        super().__init__()
        self.until = until


# fmt: off
# --- NotYet --------------------------------------------------------------------------------------------------------

NOT_REVIEWED = Reason("NOT_REVIEWED", "5.1.4(4)", "The review is not closed.", "复核尚未完成。")
NOT_REPAIRED = Reason("NOT_REPAIRED", "5.1.5",
    "Credit is not repaired: rectification confirmed, and the management period over, come first.",
    "信用尚未修复：须经确认整改且管理期限届满。")
# fmt: on
