"""Names in texts that are kept in clear: by word, not by characters in a row [5.1.6]."""

import pytest

from credit.core.values.names_in_text import names_in_clear


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("贾宝玉", "关于贾宝玉的决定"),
        ("贾宝玉", "关于贾 宝\u200b玉的决定"),
        ("贾宝玉", "贾_宝-玉"),
        ("买买提·艾力", "买买提•艾力的申请"),
        ("买买提·艾力", "关于买买提艾力"),
        ("ALI Bo", "alibo的申请"),
        ("Li Na", "Li Na case"),
        ("Li Na", "LiNa2026"),
        ("张三", "对张三的决定"),
        ("张三", "张三案"),
        ("张三", "张 三"),
        ("张三", "张·三"),
        ("张三", "《关于对张三的认定书》"),
        ("张三", "《对张三的决定》第一条"),
        ("安全", "安全"),
        ("安全", "对安全的处罚决定"),
        ("安全", "关于安全的认定书"),
        ("安全", "当事人安全提供虚假材料"),
        ("安全", "安全（男）认定书"),
        ("安全", "安全案〔2026〕1号"),
        ("安全", "安 全 卷宗"),
        ("安全", "《安全生产法》第一百条，安全"),
        ("安全", "安全生产检查，安全同志未到场"),
        ("和平", "由和平提交"),
        ("程建", "对程建的决定"),
        ("于建设", "关于于建设的决定"),
        ("于建设", "对于建设的决定"),
        ("于 安", "对于安的决定"),
    ],
)
def test_a_name_is_found_however_it_is_written(name, text):
    """A doubt counts as a name."""
    assert names_in_clear(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("贾宝玉", "关于贾宝的决定"),
        ("章三", "第二章，三年"),
        ("玉", "玉田路1号"),
        ("Li Na", "Berlinale 2026"),
        ("安全", "《中华人民共和国安全生产法》第一百条"),
        ("安全", "中华人民共和国安全生产法第一百条"),
        ("安全", "《安全生产法（2021修正）》第一百条"),
        ("安全", "临淄区安全生产委员会〔2026〕1号"),
        ("安全", "食品安全监督检查记录"),
        ("安全", "危害公共安全的行为"),
        ("和平", "和平路1号"),
        ("司法", "司法局〔2026〕1号"),
        ("司法", "《最高人民法院关于适用行政诉讼法的解释》"),
        ("建设", "住房和城乡建设局文件"),
        ("许可", "行政许可决定〔2026〕1号"),
        ("程建", "住房建设工程建设管理"),
        ("于建设", "关于建设项目的通知"),
        ("安全生", "临淄区安全生产委员会"),
        ("张三", "《张三条例》第三条"),
    ],
)
def test_a_word_is_no_name(name, text):
    """One character alone is no name: it would be in every text."""
    assert not names_in_clear(name, text)


BASES = (
    "《临淄区政务服务领域轻微失信行为管理办法》第八条",
    "《中华人民共和国行政许可法》第六十九条、第七十八条",
    "《中华人民共和国安全生产法》第一百条",
    "《山东省社会信用条例》第二十七条",
    "《优化营商环境条例》第三十条",
    "《食品安全法实施条例》",
    "临政管办发〔2022〕3号",
)


@pytest.mark.parametrize(
    "name", ["安全", "和平", "司法", "建设", "许可", "管理", "任务", "高明", "章程", "于安", "方正"]
)
def test_a_citation_names_nobody(name):
    assert not any(names_in_clear(name, basis) for basis in BASES)
