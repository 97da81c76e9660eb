"""`chengxin notice …`: a preview of a notice before one is handed out [A]."""

import os
from pathlib import Path
from typing import Annotated

import typer

from credit.notices.facts import NoticeKind
from gateway.cli.arguments import Yes, one_of
from gateway.cli.output import CommandRefused, print_progress
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.import_export.files.atomic_write import check_output, write_whole
from gateway.notices.errors import DocumentRefused, TemplateBroken
from gateway.notices.factory import forms_of
from gateway.notices.render import render
from gateway.notices.samples import sample
from gateway.settings.settings import read


def preview(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(NoticeKind)}, in any case.")],
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="The PDF to write.", show_default=False)],
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", help="Your own template. Default: that of this release."),
    ] = None,
    department: Annotated[
        str | None,
        typer.Option(
            "--department",
            metavar="CODE",
            help="Use a department's own template, seal and further fonts, from the folders that "
            "CHENGXIN_NOTICE_TEMPLATE_DIR, _SEAL_DIR and _FONT_DIR name.",
        ),
    ] = None,
    *,
    yes: Yes = False,
) -> None:
    """Write a specimen of a notice with synthetic facts, to see its layout."""
    which = one_of(NoticeKind, kind.replace("-", "_"), "notice")
    try:
        check_output(output, replace=yes)
        document = _specimen(which, template, department)
        write_whole(output, document, replace=yes)
    except ExchangeRefused as refused:
        there = refused.code == ImportRefusal.OUTPUT_EXISTS.value
        hint = "choose another name, or replace it with --yes" if there else "see that the folder can be written to"
        raise CommandRefused(f"{output.name} cannot be written", hint) from refused
    except TemplateBroken as broken:
        raise CommandRefused(
            str(broken), "docs/notices.md says what a template is given, and what a seal may be"
        ) from None
    except DocumentRefused as refused:
        raise CommandRefused(str(refused), "choose a template with characters of the fonts") from None
    print_progress(f"a specimen of {which.value} is in {output.name}")


def _specimen(kind: NoticeKind, template: Path | None, department: str | None) -> bytes:
    if department is None:
        return render(sample(kind), code=None, template=template)
    forms = forms_of(read(os.environ))
    own = template or forms.template(kind, department)
    return render(sample(kind), code=None, template=own, further=forms.fonts, seal=forms.seal(department))
