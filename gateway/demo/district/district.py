"""The demo's district: Linzi's own sub-districts and towns, its sectors, and departments with service windows.

The places are real; their codes follow the pattern of division codes and are the demo's own. Telephone numbers whose
subscriber part begins with 0 are assigned to no subscriber.
"""

from dataclasses import dataclass

DISTRICT = "370305"
AREAS: tuple[tuple[str, str, str], ...] = (
    (DISTRICT, "临淄区", "Linzi District"),
    ("370305001", "闻韶街道", "Wenshao Sub-district"),
    ("370305002", "雪宫街道", "Xuegong Sub-district"),
    ("370305003", "辛店街道", "Xindian Sub-district"),
    ("370305004", "稷下街道", "Jixia Sub-district"),
    ("370305005", "齐陵街道", "Qiling Sub-district"),
    ("370305101", "金岭回族镇", "Jinling Hui Town"),
    ("370305102", "齐都镇", "Qidu Town"),
    ("370305103", "皇城镇", "Huangcheng Town"),
    ("370305104", "敬仲镇", "Jingzhong Town"),
    ("370305105", "朱台镇", "Zhutai Town"),
    ("370305106", "凤凰镇", "Fenghuang Town"),
    ("370305107", "金山镇", "Jinshan Town"),
)
TOWNSHIPS = AREAS[1:]
TOWNSHIP_WEIGHTS = (20, 18, 16, 14, 6, 5, 6, 4, 4, 5, 6, 5)

SECTORS: tuple[tuple[str, str, str], ...] = (
    ("market", "市场监管", "Market regulation"),
    ("construction", "住房和城乡建设", "Housing and construction"),
    ("transport", "交通运输", "Transport"),
    ("health", "卫生健康", "Health"),
    ("education", "教育体育", "Education and sport"),
    ("culture", "文化和旅游", "Culture and tourism"),
    ("agriculture", "农业农村和水利", "Agriculture and water"),
    ("environment", "生态环境", "Environment"),
    ("safety", "应急和消防", "Emergency and fire safety"),
    ("labour", "人力资源和社会保障", "Labour and social security"),
    ("land", "自然资源", "Natural resources"),
    ("civil", "民政和社会事务", "Civil affairs"),
    ("security", "公安和司法", "Public security and justice"),
    ("economy", "经济和财税", "Economy and taxation"),
    ("general", "综合政务", "General government"),
)


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """A department of the demo. *short* is its name in case numbers; *weight* is its share of applications."""

    code: str
    name_zh: str
    name_en: str
    sector_code: str
    short: str
    weight: int


MARKET, APPROVAL, LABOUR = "LZ-SCJG", "LZ-XZSP", "LZ-RSJ"
ASSOCIATION, OFFICE, AUDIT, PLATFORM = "LZ-XYXH", "LZ-QZFB", "LZ-SJJ", "ZB-ZWPT"
DEPARTMENTS: tuple[DemoDepartment, ...] = (
    DemoDepartment(MARKET, "临淄区市场监督管理局", "Market Regulation Bureau", "market", "市监", 30),
    DemoDepartment(APPROVAL, "临淄区行政审批服务局", "Administrative Approval Service Bureau", "general", "审批", 14),
    DemoDepartment(LABOUR, "临淄区人力资源和社会保障局", "Labour and Social Security Bureau", "labour", "人社", 10),
    DemoDepartment("LZ-ZJJ", "临淄区住房和城乡建设局", "Housing and Construction Bureau", "construction", "住建", 8),
    DemoDepartment("LZ-GJJ", "临淄住房公积金管理部", "Housing Provident Fund Office", "construction", "公积金", 4),
    DemoDepartment("LZ-JTJ", "临淄区交通运输局", "Transport Bureau", "transport", "交通", 6),
    DemoDepartment("LZ-WJJ", "临淄区卫生健康局", "Health Bureau", "health", "卫健", 6),
    DemoDepartment("LZ-YBJ", "临淄区医疗保障局", "Healthcare Security Bureau", "health", "医保", 5),
    DemoDepartment("LZ-JTY", "临淄区教育和体育局", "Education and Sports Bureau", "education", "教体", 5),
    DemoDepartment("LZ-WLJ", "临淄区文化和旅游局", "Culture and Tourism Bureau", "culture", "文旅", 4),
    DemoDepartment("LZ-NYJ", "临淄区农业农村局", "Agriculture and Rural Affairs Bureau", "agriculture", "农业", 5),
    DemoDepartment("LZ-SLJ", "临淄区水利局", "Water Resources Bureau", "agriculture", "水利", 3),
    DemoDepartment("LZ-HBJ", "临淄区生态环境分局", "Ecology and Environment Branch", "environment", "环境", 5),
    DemoDepartment("LZ-YJJ", "临淄区应急管理局", "Emergency Management Bureau", "safety", "应急", 4),
    DemoDepartment("LZ-XFJ", "临淄区消防救援大队", "Fire and Rescue Brigade", "safety", "消防", 3),
    DemoDepartment("LZ-ZRJ", "临淄区自然资源分局", "Natural Resources Branch", "land", "自然", 4),
    DemoDepartment("LZ-MZJ", "临淄区民政局", "Civil Affairs Bureau", "civil", "民政", 4),
    DemoDepartment("LZ-TYJ", "临淄区退役军人事务局", "Veterans Affairs Bureau", "civil", "退役", 2),
    DemoDepartment("LZ-CLH", "临淄区残疾人联合会", "Disabled Persons' Federation", "civil", "残联", 2),
    DemoDepartment("LZ-GAJ", "临淄区公安分局", "Public Security Branch", "security", "公安", 6),
    DemoDepartment("LZ-SFJ", "临淄区司法局", "Justice Bureau", "security", "司法", 3),
    DemoDepartment("LZ-FGJ", "临淄区发展和改革局", "Development and Reform Bureau", "economy", "发改", 3),
    DemoDepartment("LZ-GXJ", "临淄区工业和信息化局", "Industry and Information Bureau", "economy", "工信", 3),
    DemoDepartment("LZ-SWJ", "临淄区税务局", "Taxation Bureau", "economy", "税务", 6),
    DemoDepartment("LZ-SWT", "临淄区商务局", "Commerce Bureau", "economy", "商务", 3),
    DemoDepartment("LZ-ZFJ", "临淄区综合行政执法局", "Urban Administration Bureau", "general", "执法", 5),
    DemoDepartment(OFFICE, "临淄区人民政府办公室", "District Government Office", "general", "政办", 0),
    DemoDepartment(AUDIT, "临淄区审计局", "Audit Bureau", "general", "审计", 0),
    DemoDepartment(PLATFORM, "淄博市政务服务平台", "City Government-Service Platform", "general", "平台", 0),
    DemoDepartment(ASSOCIATION, "临淄演示信用行业协会", "Demo Credit Trade Association", "economy", "协会", 0),
)
SECTOR_OF = {department.code: department.sector_code for department in DEPARTMENTS}
ACTIVE = tuple(department for department in DEPARTMENTS if department.weight)
"""The departments with a public window."""


def sector_rows() -> list[dict[str, object]]:
    """Return the rows of `sectors`."""
    return [{"code": code, "name_zh": zh, "name_en": en} for code, zh, en in SECTORS]


def area_rows() -> list[dict[str, object]]:
    """Return the rows of `areas`."""
    return [{"code": code, "name_zh": zh, "name_en": en} for code, zh, en in AREAS]


def department_rows() -> list[dict[str, object]]:
    """Return the rows of `departments`, each with its window in the service hall and a telephone number."""
    return [
        {
            "code": one.code,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "sector_code": one.sector_code,
            "window_zh": f"区政务服务大厅{number}号窗口（演示）" if one.weight else None,
            "telephone": f"0533-{number:07d}",
        }
        for number, one in enumerate(DEPARTMENTS, start=1)
    ]
