"""The kinds of record that can be exported: for each its GraphQL list, and its columns [6.2].

A column is a header and a path of the schema. The selection and the writer of a value follow from the path.
"""

from collections.abc import Mapping
from typing import Final

from gateway.import_export.exporting.application_tables import OF_SERVICES
from gateway.import_export.exporting.case_tables import OF_CASES
from gateway.import_export.exporting.subject_tables import OF_SUBJECTS
from gateway.import_export.exporting.table_spec import ExportTable

KINDS: Final[Mapping[str, ExportTable]] = {**OF_CASES, **OF_SERVICES, **OF_SUBJECTS}
