"""Workbooks written part by part, as no library would write them: strict, damaged, packed to burst."""

import io
import zipfile
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
DATE_STYLE = '<numFmts><numFmt numFmtId="176" formatCode="yyyy/m/d\\ h:mm"/></numFmts><fills><fill/></fills>'
CELL_STYLES = (
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/>'
    '<xf numFmtId="31"/></cellXfs>'
)
"""Style 1 is a day, 2 a day and an hour, 3 a day of a Chinese version; its fill is one that openpyxl cannot read."""


def parts(
    sheet_data: str | bytes, strings: str | None = None, *, strict: bool = False, properties: str = "", **more: str
) -> dict[str, bytes]:
    """Return the parts of a workbook with this *sheet_data*; *more* is added to the root element of the sheet."""
    main, office = (STRICT_MAIN, STRICT_OFFICE) if strict else (MAIN, OFFICE)
    relationship = '<Relationship Id="{}" Type="' + office + '/{}" Target="{}"/>'
    related = f'<Relationships xmlns="{_PACKAGE}/relationships">{{}}</Relationships>'
    inner = [("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "styles", "styles.xml")]
    if strings is not None:
        inner.append(("r3", "sharedStrings", "/xl/sharedStrings.xml"))
    rows = sheet_data.decode() if isinstance(sheet_data, bytes) else sheet_data
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": related.format(relationship.format("r1", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": related.format("".join(relationship.format(*one) for one in inner)),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><workbookPr {properties}/><sheets>'
        '<sheet name="说明" sheetId="2" state="hidden" r:id="r9"/>'
        '<sheet name="案件" sheetId="1" r:id="r1"/></sheets></workbook>',
        STYLES: f'<styleSheet xmlns="{main}">{DATE_STYLE}{CELL_STYLES}</styleSheet>',
        SHEET: f'{more.get("before", "")}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    if strings is not None:
        texts[STRINGS] = f'<sst xmlns="{main}">{strings}</sst>'
    return {name: text.encode() for name, text in texts.items()}


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the parts as an archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return archive.getvalue()


def packed_with(files: Mapping[str, bytes], name: str, pieces: Iterable[bytes]) -> bytes:
    """Return the parts as an archive, with one more that is written by *pieces*, so that it need not fit in memory."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for each, content in files.items():
            if each != name:
                written.writestr(each, content)
        with written.open(name, "w") as part:
            for piece in pieces:
                part.write(piece)
    return archive.getvalue()


def cells(*texts: str, row: int = 1) -> str:
    """Return a row of text cells."""
    return f'<row r="{row}">' + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts) + "</row>"
