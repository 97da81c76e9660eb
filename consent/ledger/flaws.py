"""Why something of a log is refused: one word for each flaw, and what it means in both languages."""

from enum import StrEnum
from typing import Self


class LedgerWord(StrEnum):
    """A stable word of the ledger, written as `WORD = "WORD", "English", "中文"`. Only the word is its value."""

    _value_: str
    message: str
    message_zh: str

    def __new__(cls, value: str, message: str = "", message_zh: str = "") -> Self:
        """Make a member whose value is the word; both texts are attributes."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.message = message
        member.message_zh = message_zh
        return member


class LedgerFlaw(LedgerWord):
    """What is wrong with a note, a checkpoint, a proof, a tile, a policy or an entry.

    *message* and *message_zh* complete a sentence; they never quote what was refused.
    """

    # fmt: off
    # --- texts -----------------------------------------------------------------------------------------------------
    TOO_LARGE = "TOO_LARGE", "it is too large", "内容过大"
    NOT_UTF8 = "NOT_UTF8", "it is not UTF-8", "不是UTF-8文本"
    CONTROL_CHARACTER = "CONTROL_CHARACTER", "it has a control character", "含有控制字符"
    NO_NEWLINE = "NO_NEWLINE", "a line has no end", "缺少行尾换行"
    TOO_FEW_LINES = "TOO_FEW_LINES", "a line is missing", "缺少必要的行"
    EMPTY_LINE = "EMPTY_LINE", "a line is empty", "存在空行"
    HEADER = "HEADER", "the first line does not name the format", "首行不是该格式的标识"
    LINE = "LINE", "a line is not of the format", "存在不符合格式的行"
    NOT_A_NUMBER = "NOT_A_NUMBER", "a number is not written in its only form", "数字写法不规范"
    NUMBER_TOO_LARGE = "NUMBER_TOO_LARGE", "a number is too large", "数字过大"
    NOT_BASE64 = "NOT_BASE64", "bytes are not written as base64 in its only form", "Base64写法不规范"
    NOT_A_HASH = "NOT_A_HASH", "a hash has not 32 bytes", "哈希值不是32字节"

    # --- notes and keys --------------------------------------------------------------------------------------------
    NO_SIGNATURES = "NO_SIGNATURES", "no signatures follow the text", "文本之后没有签名"
    TOO_MANY_SIGNATURES = "TOO_MANY_SIGNATURES", "it has too many signatures", "签名过多"
    SIGNATURE_LINE = "SIGNATURE_LINE", "a signature line is not of the format", "签名行不符合格式"
    KEY_NAME = "KEY_NAME", "a key has no valid name", "密钥名称无效"
    KEY_ID = "KEY_ID", "a key has not the id of its contents", "密钥标识与密钥不符"
    KEY_KIND = "KEY_KIND", "a key is of a kind that does not fit here", "密钥类型不适用"
    KEY_LENGTH = "KEY_LENGTH", "a key has another length", "密钥长度不符"
    WEAK_KEY = "WEAK_KEY", "anybody could sign under a key", "密钥不安全，任何人都可以伪造其签名"
    BAD_SIGNATURE = "BAD_SIGNATURE", "the signature of a known key does not verify", "已知密钥的签名验证不通过"
    NO_KNOWN_KEY = "NO_KNOWN_KEY", "no known key has signed it", "没有已知密钥的签名"

    # --- checkpoints and trees -------------------------------------------------------------------------------------
    ORIGIN = "ORIGIN", "it has no valid origin", "日志来源标识无效"
    OTHER_LOG = "OTHER_LOG", "it is of another log", "属于另一日志"
    EMPTY_TREE = "EMPTY_TREE", "a tree of no leaf has one root alone", "空树的根哈希不符"
    TIMESTAMP = "TIMESTAMP", "a time is out of bounds", "时间超出范围"
    NO_QUORUM = "NO_QUORUM", "too few witnesses have cosigned it", "见证方联署不足"
    NOT_OF_ITS_SIZE = "NOT_OF_ITS_SIZE", "the hashes are not those of a tree of its size", "哈希数量与树的大小不符"

    # --- proofs ----------------------------------------------------------------------------------------------------
    OUT_OF_RANGE = "OUT_OF_RANGE", "the tree has no such place", "树中没有该位置"
    NOT_INCLUDED = "NOT_INCLUDED", "the path does not lead to the root", "路径未能得到根哈希"
    NOT_CONSISTENT = "NOT_CONSISTENT", "the new tree does not continue the old one", "新树不是旧树的延续"
    NOT_PROVED = "NOT_PROVED", "it does not lead to the entry of the ledger", "与账本条目不符"
    TOO_LONG_PATH = "TOO_LONG_PATH", "the path is longer than that of any tree", "路径过长"

    # --- tiles -----------------------------------------------------------------------------------------------------
    TILE_PATH = "TILE_PATH", "its path is that of no tile", "路径不是分块的路径"
    NOT_OF_ITS_WIDTH = "NOT_OF_ITS_WIDTH", "its content is not of its width", "内容与其宽度不符"
    NOT_OF_THIS_TREE = "NOT_OF_THIS_TREE", "it is not of this tree", "不属于此树"
    TILE_MISSING = "TILE_MISSING", "a tile that is needed is missing", "缺少所需分块"

    # --- policies --------------------------------------------------------------------------------------------------
    NAME = "NAME", "a name cannot be given", "名称不可用"
    NAME_TWICE = "NAME_TWICE", "a name is given twice", "名称重复"
    NAME_UNKNOWN = "NAME_UNKNOWN", "a name is not given before", "名称此前未定义"
    KEY_TWICE = "KEY_TWICE", "a key stands twice", "密钥重复"
    MEMBER_TWICE = "MEMBER_TWICE", "a name is a member twice", "同一名称多次作为组成员"
    THRESHOLD = "THRESHOLD", "a group needs more members than it has, or none", "组的门限超出成员数或者为零"
    NOT_ONE_QUORUM = "NOT_ONE_QUORUM", "it has not one quorum", "法定数行不是恰好一行"
    TOO_MANY_LINES = "TOO_MANY_LINES", "it has too many logs, witnesses or groups", "日志、见证方或者组过多"

    # --- entries of the log `system` -------------------------------------------------------------------------------
    NOT_JSON = "NOT_JSON", "it is no JSON object", "不是JSON对象"
    NOT_CANONICAL = "NOT_CANONICAL", "it is not in its canonical form", "不是规范形式"
    UNKNOWN_TYPE = "UNKNOWN_TYPE", "its type is not known", "类型未知"
    FIELDS = "FIELDS", "a field is missing or unknown", "字段缺失或者多余"
    VALUE = "VALUE", "a field has a value that it cannot have", "字段值无效"

    # --- receipts --------------------------------------------------------------------------------------------------
    OTHER_SUBJECT = "OTHER_SUBJECT", "it is of another subject", "属于其他主体"
    OTHER_RECORD = "OTHER_RECORD", "what it states is not what its record says", "所载内容与记录不符"
    FROM_THE_FUTURE = "FROM_THE_FUTURE", "its checkpoint is from the future", "检查点的时间晚于现在"
    NOT_SEALED = "NOT_SEALED", "the log has sealed another receipt", "日志所签章的是另一份回执"
    # fmt: on
