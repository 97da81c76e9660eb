"""Who has information about a case, and who was notified that it was wrong: a change there is named [5.1.4(6)]."""

from sqlalchemy import text

from storage.ledger.audit.findings import ContradictionCode
from tests.gateway.demo.districts import District
from tests.gateway.ledger.attacks import NEW, attacked, copy, delete, statement, update
from tests.gateway.ledger.audit.take_over import codes, undone

CODE = ContradictionCode
WALKS = ("records deliveries", "told deliveries", "records correction_told", "recipients")
ATTACKS = [
    ("nobody has the information", CODE.STATE_DELETED, "deliveries", delete("deliveries")),
    ("another has it", CODE.STATE_DIFFERS, "deliveries", update("deliveries", "recipient = 'LZ-X'")),
    ("it went out after the correction", CODE.STATE_DIFFERS, "deliveries",
     update("deliveries", "sent_at = '{later_at}'")),
    ("information that nobody gave", CODE.STATE_ADDED, "deliveries", copy("deliveries", delivery_id=NEW)),
    ("a recipient is never notified", CODE.STATE_DELETED, "correction_told", delete("correction_told")),
    ("it was not notified", CODE.STATE_DIFFERS, "correction_told",
     update("correction_told", "told_on = NULL", "told_on IS NOT NULL")),
    ("a recipient is added", CODE.STATE_ADDED, "correction_told",
     copy("correction_told", telling_id=NEW, recipient="'LZ-X'", message_id=NEW)),
]  # fmt: skip


async def check_recipients(district: District) -> None:
    """In a database with recipients that were notified, nothing contradicts them; whatever is changed is found."""
    async with attacked(district) as session:
        assert await codes(district, session, *WALKS) == set()
        for name, code, table, attack in ATTACKS:
            async with undone(session):
                await session.execute(text(statement(attack, district)))
                assert (code, table) in await codes(district, session, *WALKS), name
