"""The kinds of record that can be imported: for each its form, who may import it, and its importer [5.1.3] [6.2].

An importer parses, compares and writes the rows of its kind. What all kinds share (files, batches, done rows, attempts,
reports) is in `gateway.import_export.importing.run`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from credit.file_formats.application_rows import APPLICATIONS
from credit.file_formats.case_columns import BASIC as BASIC_FORM
from credit.file_formats.form import RecordForm
from credit.file_formats.subject_rows import SUBJECTS
from gateway.import_export.importing import applications, cases, subjects
from gateway.import_export.importing.import_context import ImportContext
from gateway.import_export.importing.importer import Importer
from policy.actors import Role

BASIC: Final = "basic-information"
"""The default kind of import and export [5.1.3]."""


@dataclass(frozen=True, slots=True)
class ImporterSpec:
    """One kind: *admit* raises for an actor without the right; *role* is the default role."""

    form: RecordForm
    role: Role
    admit: Callable[[ImportContext], None]
    open: Callable[[ImportContext, str], Awaitable[Importer[Any, Any, Any]]]


IMPORTERS: Final[Mapping[str, ImporterSpec]] = {
    BASIC: ImporterSpec(BASIC_FORM, Role.HANDLER, cases.admit, cases.open_importer),
    "applications": ImporterSpec(APPLICATIONS, Role.CLERK, applications.admit, applications.open_importer),
    "subjects": ImporterSpec(SUBJECTS, Role.CLERK, subjects.admit, subjects.open_importer),
}
