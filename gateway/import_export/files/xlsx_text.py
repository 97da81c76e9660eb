r"""The text of a workbook's cells [ECMA-376 ST_Xstring]: `_x000D_` stands for the character U+000D.

decoded("一_x000D_二")       "一\r二"          one escape, one UTF-16 code unit
decoded("_x005F_x000D_")    "_x000D_"       the escape of an underscore: what follows is no escape any more
escaped("_x000D_")          "_x005F_x000D_" so a text that only looks like an escape stays the same
"""

import re
from typing import Final

_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_UNWRITABLE: Final = "\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff"
"""Characters that XML 1.0 cannot hold, and the carriage return, which its readers turn into a line feed."""
_TO_ESCAPE: Final = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}[_{_UNWRITABLE}])|[{_UNWRITABLE}]")


def decoded(text: str) -> str:
    """Return what *text* of a workbook stands for. Half a surrogate pair becomes U+FFFD."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def escaped(text: str) -> str:
    """Return *text* as a workbook holds it; `decoded` restores it."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
