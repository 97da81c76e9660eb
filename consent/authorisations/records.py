"""What a change of an authorisation leaves: its row, its event and entry, its notification, its file [5.1.6]."""

from collections.abc import Mapping

from consent.authorisation import Authorisation
from consent.context import ConsentContext
from consent.deletions.deletion_duty import DeletionDuty
from consent.errors import FILE_UNKNOWN, BadEvidence
from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.consent_events import ConsentEvent, Event, terms_of
from consent.ports import Work
from consent.rules import Letter

RECORD = "AUTHORISATION"
"""The kind of record that the file of a paper is attached to."""

ON_PAPER: Mapping[Event, Event] = {
    Event.REFUSED: Event.REFUSED_ON_PAPER,
    Event.NARROWED: Event.NARROWED_ON_PAPER,
    Event.WITHDRAWN: Event.WITHDRAWN_ON_PAPER,
    Event.CONTESTED: Event.CONTESTED_ON_PAPER,
}
"""What the subject does, as the event of a letter that an officer of the recipient enters."""

RECIPIENTS: Mapping[Event, str] = {
    Event.REQUESTED: "subject",
    Event.RECORDED_ON_PAPER: "subject",
    Event.GRANTED: "recipient",
    Event.NARROWED: "recipient",
    Event.WITHDRAWN: "recipient",
    **dict.fromkeys(ON_PAPER.values(), "subject"),
    Event.CONTESTED: "recipient",
    Event.OFFERED: "recipient",
    Event.CONFIRMED: "subject",
    Event.CONTEST_DECIDED: "subject",
}
"""Who is notified of each event. Of a refusal nobody but the subject is: it is not held against it [5.1.6]."""


async def save_answer(
    work: Work,
    context: ConsentContext,
    event: Event,
    changed: Authorisation,
    letter: Letter | None,
    evidence: str | None,
    *,
    over: Authorisation,
    duty: DeletionDuty | None = None,
) -> Authorisation:
    """Save what the subject answered; of a *letter* also its file, under the event of paper."""
    happened = event if letter is None else ON_PAPER[event]
    saved = await save(work, context, happened, changed, over=over.version, duty=duty)
    if letter is not None:
        await attach(work, context, saved, evidence)
    return saved


async def save(
    work: Work,
    context: ConsentContext,
    event: Event,
    changed: Authorisation,
    *,
    over: int,
    duty: DeletionDuty | None = None,
) -> Authorisation:
    """Save *changed* over the version *over*, append the event with its entry, and notify its recipients.

    What was received on it is to be deleted from its end on; *duty* is what is to be deleted before.
    """
    await work.authorisations.save(changed, over)
    if over:
        await work.deletions.follow(changed)
    if duty is not None:
        await work.deletions.require(duty)
    happened = ConsentEvent(
        subject_id=changed.subject_id,
        event_id=context.new_id(),
        authorisation_id=changed.authorisation_id,
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        event=event,
        facts=terms_of(changed) | ({} if duty is None else {"deletion": {"duty_id": str(duty.duty_id)}}),
        salt=context.random(SALT_BYTES),
    )
    await work.authorisations.append_event(happened)
    if event in RECIPIENTS:
        about = {
            "to": RECIPIENTS[event],
            "subject_id": str(changed.subject_id),
            "authorisation_id": str(changed.authorisation_id),
            "recipient_code": changed.recipient_code,
        }
        await work.outbox(_topic(event), about, context.new_id(), context.now)
    return changed


async def attach(work: Work, context: ConsentContext, to: Authorisation, evidence: str | None) -> None:
    """Attach the uploaded file that *evidence* names, if it names one; raises FILE_UNKNOWN."""
    references = () if evidence is None else (evidence,)
    if await work.attach_files(context, to.subject_id, RECORD, to.authorisation_id, references):
        raise BadEvidence(FILE_UNKNOWN)


def _topic(event: Event) -> str:
    """Return the topic of the outbox, as `authorisation.recorded-on-paper`."""
    return "authorisation." + event.lower().replace("_", "-")
