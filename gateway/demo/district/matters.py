"""The demo's government services: what is applied for, where, and with which facilitation [4.2].

The three letters after a name are the facilitations that it allows: g green channel, d deferred documents, c commitment
in lieu of proof.
"""

from dataclasses import dataclass

from gateway.demo.district.district import SECTOR_OF

DEFERRAL_DAYS, LIMIT_DAYS, VERIFY_DAYS = 30, 5, 20
"""The demo's own limits: calendar days to supply missing documents, working days to complete and to verify."""
ON_THE_SPOT = frozenset({"LZ-XZSP-03", "LZ-SFJ-01"})
"""Matters for which a commitment is completed at once [4.2.3]."""
BASIS = "《临淄演示政务服务事项便利化清单》"
LISTED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "LZ-SCJG": (
        ("食品经营许可", "Food business licence", "gdc"),
        ("小餐饮登记", "Small catering registration", "gdc"),
        ("药品零售许可", "Retail pharmacy licence", "d"),
        ("特种设备使用登记", "Special equipment registration", "gd"),
        ("计量标准考核", "Measurement standard assessment", ""),
    ),
    "LZ-XZSP": (
        ("公司设立登记", "Company registration", "gdc"),
        ("公司变更登记", "Company change registration", "gdc"),
        ("个体工商户设立登记", "Sole trader registration", "gdc"),
        ("农民专业合作社登记", "Farmers' cooperative registration", "gd"),
        ("户外广告设施设置审批", "Outdoor advertising approval", "dc"),
    ),
    "LZ-RSJ": (
        ("劳务派遣经营许可", "Labour dispatch licence", "gd"),
        ("人力资源服务许可", "Human resources service licence", "gdc"),
        ("创业担保贷款资格审核", "Start-up loan eligibility", "gdc"),
        ("社会保险补贴申领", "Social insurance subsidy", "c"),
    ),
    "LZ-ZJJ": (
        ("建筑工程施工许可", "Construction permit", "gdc"),
        ("商品房预售许可", "Pre-sale permit", "d"),
        ("公租房资格确认", "Public rental housing eligibility", "dc"),
        ("城镇排水许可", "Urban drainage permit", "gd"),
    ),
    "LZ-GJJ": (("住房公积金提取", "Housing fund withdrawal", "gc"), ("住房公积金贷款", "Housing fund loan", "d")),
    "LZ-JTJ": (
        ("道路货物运输经营许可", "Road freight licence", "gdc"),
        ("网络预约出租汽车运输证", "Ride-hailing vehicle permit", "dc"),
        ("超限运输车辆通行许可", "Oversize transport permit", "g"),
    ),
    "LZ-WJJ": (
        ("公共场所卫生许可", "Public venue hygiene licence", "gdc"),
        ("医疗机构执业登记", "Medical institution registration", "d"),
        ("诊所备案", "Clinic filing", "gdc"),
    ),
    "LZ-YBJ": (("医保定点资格申请", "Designated provider application", "d"), ("医疗救助申请", "Medical aid", "gc")),
    "LZ-JTY": (
        ("民办学校设立审批", "Private school approval", "d"),
        ("校外培训机构许可", "Training centre licence", "d"),
        ("经营高危险性体育项目许可", "High-risk sports licence", "dc"),
    ),
    "LZ-WLJ": (
        ("营业性演出审批", "Commercial performance approval", "gd"),
        ("娱乐场所经营许可", "Entertainment venue licence", "d"),
        ("旅行社分社备案", "Travel agency branch filing", "gc"),
    ),
    "LZ-NYJ": (
        ("兽药经营许可", "Veterinary drug licence", "d"),
        ("动物防疫条件合格证", "Animal epidemic prevention certificate", "gd"),
        ("农机购置补贴申领", "Farm machinery subsidy", "gc"),
    ),
    "LZ-SLJ": (("取水许可", "Water abstraction licence", "gd"), ("水土保持方案审批", "Soil conservation plan", "gdc")),
    "LZ-HBJ": (
        ("建设项目环评审批", "Environmental impact approval", "gdc"),
        ("排污许可", "Pollutant discharge permit", "d"),
        ("危险废物经营许可", "Hazardous waste licence", ""),
    ),
    "LZ-YJJ": (
        ("危险化学品经营许可", "Hazardous chemicals licence", "d"),
        ("烟花爆竹零售许可", "Fireworks retail licence", "d"),
    ),
    "LZ-XFJ": (("公众聚集场所消防安全检查", "Fire safety inspection", "gc"),),
    "LZ-ZRJ": (
        ("建设用地规划许可", "Land use planning permit", "gd"),
        ("不动产登记", "Real estate registration", "gdc"),
        ("临时用地审批", "Temporary land use approval", "d"),
    ),
    "LZ-MZJ": (
        ("社会团体成立登记", "Association registration", "d"),
        ("养老机构备案", "Care home filing", "gc"),
        ("最低生活保障申请", "Minimum living allowance", "gdc"),
    ),
    "LZ-TYJ": (("退役军人优待证申领", "Veteran card", "gc"), ("自主就业补助申领", "Veteran employment subsidy", "gc")),
    "LZ-CLH": (("残疾人证办理", "Disability certificate", "gd"), ("残疾人两项补贴申领", "Disability allowances", "gc")),
    "LZ-GAJ": (
        ("旅馆业特种行业许可", "Hotel licence", "gdc"),
        ("大型群众性活动安全许可", "Large event permit", "g"),
        ("公章刻制业许可", "Seal engraving licence", "dc"),
    ),
    "LZ-SFJ": (("法律援助申请", "Legal aid", "gc"), ("公证机构业务受理", "Notarial services", "c")),
    "LZ-FGJ": (("企业投资项目备案", "Investment project filing", "gc"), ("节能审查", "Energy review", "d")),
    "LZ-GXJ": (("技术改造项目备案", "Technical upgrade filing", "gc"), ("专精特新申报", "Innovation award", "")),
    "LZ-SWJ": (
        ("增值税专用发票核定", "VAT invoice approval", "gc"),
        ("延期缴纳税款审批", "Deferred tax approval", "d"),
        ("税收优惠备案", "Tax preference filing", "gc"),
    ),
    "LZ-SWT": (
        ("成品油零售经营批准", "Fuel retail approval", "d"),
        ("单用途预付卡备案", "Prepaid card filing", "gc"),
        ("对外贸易经营备案", "Foreign trade filing", "gc"),
    ),
    "LZ-ZFJ": (
        ("建筑垃圾处置核准", "Construction waste permit", "dc"),
        ("临时占用道路审批", "Temporary road use", "gc"),
        ("临时性建筑物搭建审批", "Temporary structure permit", "d"),
    ),
}


@dataclass(frozen=True, slots=True)
class DemoMatter:
    """A government service of the demo."""

    code: str
    name_zh: str
    name_en: str
    department_code: str
    facilitation: str

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it allows besides the ordinary one."""
        names = {"g": "GREEN_CHANNEL", "d": "DEFERRED_DOCUMENTS", "c": "COMMITMENT"}
        return tuple(names[letter] for letter in self.facilitation)


MATTERS = tuple(
    DemoMatter(f"{department}-{number:02d}", zh, en, department, facilitation)
    for department, listed in LISTED.items()
    for number, (zh, en, facilitation) in enumerate(listed, start=1)
)
MATTERS_OF = {code: tuple(one for one in MATTERS if one.department_code == code) for code in LISTED}


def matter_rows() -> list[dict[str, object]]:
    """Return the rows of `matters`."""
    return [
        {
            "code": one.code,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "department_code": one.department_code,
            "sector_code": SECTOR_OF[one.department_code],
            "green_channel": "GREEN_CHANNEL" in one.channels,
            "deferred_documents": "DEFERRED_DOCUMENTS" in one.channels,
            "commitment": "COMMITMENT" in one.channels,
            "facilitation_basis": BASIS if one.channels else None,
            "deferral_longest_days": DEFERRAL_DAYS if "DEFERRED_DOCUMENTS" in one.channels else None,
            "commitment_limit_days": _limit(one),
            "commitment_verify_days": VERIFY_DAYS if "COMMITMENT" in one.channels else None,
            "incentives": [],
        }
        for one in MATTERS
    ]


def _limit(matter: DemoMatter) -> int | None:
    if "COMMITMENT" not in matter.channels:
        return None
    return 0 if matter.code in ON_THE_SPOT else LIMIT_DAYS
