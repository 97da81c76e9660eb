"""`chengxin figures`: a year's figures for the appraisal, of one or all departments, without personal data [6.1]."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from credit.incentives import incentive
from credit.statistics.figures import YearFigures
from gateway.cli.arguments import Yes
from gateway.cli.output import CommandRefused, print_progress
from gateway.cli.records.import_export import refusals
from gateway.cli.services import with_services
from gateway.figures.yearly_sheet import csv_of, pdf_of
from gateway.import_export.files.atomic_write import check_output, write_whole
from gateway.services import Services
from schema.statistics.types import FIRST_YEAR


class SheetForm(StrEnum):
    """The file format of the sheet."""

    CSV = "csv"
    PDF = "pdf"


def figures(
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Year to report; for the current year, figures to date.")],
    *,
    output: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.", show_default=False)],
    department: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this department. Default: the district.")
    ] = None,
    form: Annotated[SheetForm, typer.Option("--format", help="Rows, or a sheet with charts.")] = SheetForm.PDF,
    yes: Yes = False,
) -> None:
    """Write the yearly sheet of a department or of the district: clocks, cases, incentives [6.1].

    As CSV without a department: the district and every department. Small counts are hidden. The figures of a past year
    are those that were published first.
    """

    async def work(services: Services) -> YearFigures:
        today = services.runtime.today(services.runtime.now())
        if not FIRST_YEAR <= year <= today.year:
            raise CommandRefused(f"there are no figures of {year}", f"give a year from {FIRST_YEAR} to {today.year}")
        service, calendar = services.graphql_service.figures, services.graphql_service.calendar
        if year == today.year:
            return await service.of_year(year, today, calendar)
        return await service.published(year, services.runtime.now(), today, calendar)

    with refusals(as_json=False):
        check_output(output, replace=yes)
        found = with_services(work)
        if department is not None and department not in found.departments:
            known = ", ".join(sorted(found.departments))
            raise CommandRefused(f"there is no department {department}", f"there are {known}")
        english = {one.code: one.name_en for one in incentive.shipped().values()}
        if form is SheetForm.CSV:
            each = [department] if department is not None else [None, *sorted(found.departments)]
            content = csv_of(found, each, english)
        else:
            content = pdf_of(found, department, english)
        write_whole(output, content, replace=yes)
    print_progress(f"the figures of {year}, as of {found.as_of}, are in {output.name}")
