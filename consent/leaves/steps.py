"""Steps of cases, applications, objections and corrections [4] [5.1]."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from consent.leaves.provenance import Content, Provenance, versioned_entry


class StepFields(Protocol):
    """The fields of every step: who took it, when, on which evidence, and what it decided."""

    @property
    def subject_id(self) -> UUID: ...

    @property
    def step_id(self) -> UUID: ...

    @property
    def step(self) -> str: ...

    @property
    def on(self) -> date: ...

    @property
    def at(self) -> datetime: ...

    @property
    def actor_ref(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def department_code(self) -> str | None: ...

    @property
    def evidence(self) -> Sequence[str]: ...

    @property
    def facts(self) -> Mapping[str, object]: ...


def case_step_bytes(step: StepFields, case_id: UUID, request: Provenance | None = None, content: Content = ()) -> bytes:
    """Return the entry of a step of a case [5.1].

    The bytes are, for example:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","case_id":"00000000-0000-0000-0000-000000000046",
        "department_code":"LZ-APPROVAL","evidence":["notice-7"],"facts":{},"on":"2026-03-05","role":"handler",
        "step":"NOTICED","step_id":"00000000-0000-0000-0000-00000000000a",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"case-step/1"}

    Since revision 34, with the request and what was sealed:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","case_id":"00000000-0000-0000-0000-000000000046",
        "content":[["case_statements.text","00000000-0000-0000-0000-000000000021",
        "abababababababababababababababababababababababababababababababab"]],"department_code":"LZ-APPROVAL",
        "evidence":["notice-7"],"facts":{},"on":"2026-03-05","request":{"channel":"GRAPHQL",
        "id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},"role":"handler","step":"NOTICED",
        "step_id":"00000000-0000-0000-0000-00000000000a","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"case-step/2"}
    """
    return _step_entry("case-step", step, {"case_id": case_id}, request, content)


def application_step_bytes(
    step: StepFields, application_id: UUID, request: Provenance | None = None, content: Content = ()
) -> bytes:
    """Return the entry of a step of an application [4].

    The bytes are, for example:

        {"actor_ref":"staff-1","application_id":"00000000-0000-0000-0000-000000000003",
        "at":"2026-03-05T01:02:03.000004Z","department_code":"LZ-APPROVAL","evidence":["form-1"],
        "facts":{"incentive":"GREEN_CHANNEL"},"on":"2026-03-05","role":"clerk","step":"GRANTED",
        "step_id":"00000000-0000-0000-0000-00000000000a","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"application-step/1"}

    Since revision 34, with the request and what was sealed:

        {"actor_ref":"staff-1","application_id":"00000000-0000-0000-0000-000000000003",
        "at":"2026-03-05T01:02:03.000004Z","content":[["commitments.facts","00000000-0000-0000-0000-000000000003",
        "abababababababababababababababababababababababababababababababab"]],"department_code":"LZ-APPROVAL",
        "evidence":["form-1"],"facts":{"incentive":"GREEN_CHANNEL"},"on":"2026-03-05","request":{"channel":"GRAPHQL",
        "id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},"role":"clerk","step":"GRANTED",
        "step_id":"00000000-0000-0000-0000-00000000000a","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"application-step/2"}
    """
    return _step_entry("application-step", step, {"application_id": application_id}, request, content)


def hearing_step_bytes(
    step: StepFields,
    about: UUID,
    record: str,
    record_id: UUID,
    request: Provenance | None = None,
    content: Content = (),
) -> bytes:
    """Return the entry of a step of an objection or a correction that is about no case [5.1.4(6)].

    *about* is the id of the objection or the correction, *record* the kind of the record that it is about.

        {"about":"00000000-0000-0000-0000-000000000051","actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z",
        "department_code":null,"evidence":[],"facts":{},"on":"2026-03-05","record":"APPLICATION",
        "record_id":"00000000-0000-0000-0000-000000000003","role":"subject","step":"OBJECTED",
        "step_id":"00000000-0000-0000-0000-00000000000a","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"hearing-step/1"}

    Since revision 34, with the request and what was sealed:

        {"about":"00000000-0000-0000-0000-000000000051","actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z",
        "content":[["objections.text","00000000-0000-0000-0000-000000000051",
        "abababababababababababababababababababababababababababababababab"]],"department_code":null,"evidence":[],
        "facts":{},"on":"2026-03-05","record":"APPLICATION","record_id":"00000000-0000-0000-0000-000000000003",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},"role":"subject",
        "step":"OBJECTED","step_id":"00000000-0000-0000-0000-00000000000a",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"hearing-step/2"}
    """
    named = {"about": about, "record": record, "record_id": record_id}
    return _step_entry("hearing-step", step, named, request, content)


def _step_entry(
    kind: str, step: StepFields, about: Mapping[str, object], request: Provenance | None, content: Content
) -> bytes:
    return versioned_entry(
        kind,
        {
            **about,
            "subject_id": step.subject_id,
            "step_id": step.step_id,
            "step": step.step,
            "on": step.on,
            "at": step.at,
            "actor_ref": step.actor_ref,
            "role": step.role,
            "department_code": step.department_code,
            "evidence": step.evidence,
            "facts": step.facts,
        },
        request,
        content,
    )
