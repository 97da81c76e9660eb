"""What files of incentives, measures and texts refuse.

CreditError
├── DataFileRefused   a file that contradicts itself
└── NoTextInForce     no version of a text on that day
"""

from datetime import date

from credit.core.errors import CreditError
from credit.core.refusals import Reason


class DataFileRefused(CreditError):
    """A file of incentives, measures or texts that contradicts itself. *file* is its name without folder."""

    reason = Reason("DATA_FILE_REFUSED", "6.3", "The file {file} is refused: {why}", "数据文件{file}无法使用。")

    def __init__(self, file: str, why: str) -> None:
        super().__init__(file=file, why=why)
        self.file = file


class NoTextInForce(CreditError):
    """No version of the text was in force on the day asked about [6.3]."""

    reason = Reason("NO_TEXT_IN_FORCE", "6.3",
        "No version of the text {topic} was in force on {on}.", "{on}尚无有效的政策文本。")  # fmt: skip

    def __init__(self, topic: str, on: date) -> None:
        super().__init__(topic=topic, on=on)
