"""What the owner of a database can do to it by plain SQL, and what the audit calls it [5.1.6]."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

from sqlalchemy import text

from gateway.demo.seed.well_known_ids import IN_FORCE_OF_MYSELF, LIVE, MYSELF
from storage.database.session import Session
from storage.ledger.audit.findings import ContradictionCode
from storage.tables import metadata
from tests.gateway.demo.districts import District

CODE = ContradictionCode
IDS = {
    "myself": MYSELF.subject_id.hex,
    "live": LIVE.hex,
    "case": IN_FORCE_OF_MYSELF.hex,
    "new": "0a1b2c3d000040008000000000009999",
    "later_at": "2036-01-01 00:00:00.000000",
    "newer": "0a1b2c3d00004000800000000000999a",
}


class Undone(Exception):
    """The attack is rolled back."""


@asynccontextmanager
async def attacked(district: District, *attacks: str) -> AsyncIterator[Session]:
    """Run *attacks* with the triggers off that would refuse them, give the session, and roll back."""
    try:
        async with district.database.writing() as session:
            if district.database.dialect.name == "postgresql":
                await session.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                await session.execute(text("PRAGMA defer_foreign_keys = ON"))
                for (name,) in await session.fetch(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
                    await session.execute(text(f"DROP TRIGGER {name}"))
            for attack in attacks:
                await session.execute(text(statement(attack, district)))
            yield session
            _undo()
    except Undone:
        pass


def statement(attack: str, district: District) -> str:
    """Give an attack as SQL."""
    return _statement(attack).format_map(_words(district))


def _undo() -> None:
    raise Undone


def _words(district: District) -> dict[str, str]:
    """Give the words of the attacks in which the two databases differ."""
    is_sqlite = district.database.dialect.name == "sqlite"
    later = "date('2036-01-01')" if is_sqlite else "DATE '2036-01-01'"
    page = f"X'{IDS['new']}'" if is_sqlite else f"'{IDS['new']}'"
    nobody = f"X'{'00' * 16}'" if is_sqlite else f"'{'00' * 16}'"
    return IDS | {"nobody": nobody, "some": "rowid" if is_sqlite else "ctid", "later": later, "new_page": page}


def _statement(attack: str) -> str:
    """Give the statement of an attack; that of a copy names every column of its table."""
    if not attack.startswith("COPY "):
        return attack
    table, where, *values = (part.strip() for part in attack.removeprefix("COPY ").split(" | "))
    given = dict(value.split("=", 1) for value in values)
    names = [column.name for column in metadata.tables[table].c]
    listed = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join(given.get(name, f'"{name}"') for name in names)
    return f"INSERT INTO {table} ({listed}) SELECT {taken} FROM {table} WHERE {where} LIMIT 1"


def rows(table: str, where: str = "TRUE") -> str:
    """Give a condition that one row of a table meets, the first of those that meet *where*."""
    return f"{{some}} = (SELECT {{some}} FROM {table} WHERE {where} ORDER BY 1 LIMIT 1)"


def update(table: str, values: str, where: str = "TRUE") -> str:
    return f"UPDATE {table} SET {values} WHERE {rows(table, where)}"


def delete(table: str, where: str = "TRUE") -> str:
    return f"DELETE FROM {table} WHERE {rows(table, where)}"


def copy(table: str, where: str = "TRUE", **values: str) -> str:
    """Give the insert of another row like one of the table, with other values."""
    return f"COPY {table} | {where} | " + " | ".join(f"{name}={value}" for name, value in values.items())


NEW = "'{new}'"
ATTACKS = [
    ("a read is deleted", "entries waiting access", CODE.ROW_DELETED, "ledger_entries", "",
     "DELETE FROM disclosures WHERE disclosure_id = (SELECT disclosure_id FROM disclosures ORDER BY at LIMIT 1)"),
    ("a read is added: an officer is framed", "rows disclosures", CODE.ROW_ADDED, "disclosures", "",
     copy("disclosures", disclosure_id="{new_page}", actor_ref="'framed'")),
    ("a read is said to be another's", "entries waiting access", CODE.ROW_CHANGED, "disclosures", "",
     "UPDATE disclosures SET actor_ref = 'framed'"),
    ("what was shown is made less", "entries waiting access", CODE.ROW_CHANGED, "disclosures", "",
     "UPDATE access_grounds SET fields = '[]'"),
    ("what it was for is made lawful", "entries waiting access", CODE.ROW_CHANGED, "disclosures", "",
     "UPDATE access_contexts SET purpose = 'REVIEW'"),
    ("an event of an authorisation is deleted", "entries waiting consent", CODE.ROW_DELETED, "ledger_entries", "",
     delete("consent_events", "event = 'WITHDRAWN'")),
    ("an event of an authorisation is added", "rows consent_events", CODE.ROW_ADDED, "consent_events", "",
     copy("consent_events", "event = 'GRANTED'", event_id=NEW)),
    ("an event of an authorisation is changed", "entries waiting consent", CODE.ROW_CHANGED, "consent_events", "",
     update("consent_events", "actor_ref = 'somebody'")),
    ("a step of a case is deleted", "entries waiting consent", CODE.ROW_DELETED, "ledger_entries", "",
     delete("case_steps", "step = 'PUBLISHED'")),
    ("a step of a case is added", "rows case_steps", CODE.ROW_ADDED, "case_steps", "",
     copy("case_steps", "step = 'REMOVED'", step_id=NEW)),
    ("a step of a case is dated back", "entries waiting consent", CODE.ROW_CHANGED, "case_steps", "",
     update("case_steps", '"on" = DATE(\'2020-01-01\')', "step = 'SERVED'")),
    ("a step is given to another case", "entries waiting consent", CODE.ROW_CHANGED, "case_steps", "",
     update("case_steps", "case_id = " + NEW, "step = 'SERVED'")),
    ("a registration is deleted", "subjects", CODE.STATE_ADDED, "subjects", "",
     "DELETE FROM registrations WHERE subject_id = '{myself}'"),
    # Authorisations.
    ("an authorisation for ten years and a million uses", "records authorisations", CODE.STATE_ADDED,
     "authorisations", "",
     copy("authorisations", "authorisation_id = '{live}'", authorisation_id=NEW, expires_on="{later}",
          uses_allowed="1000000")),
    ("an authorisation is made longer", "records authorisations", CODE.STATE_DIFFERS, "authorisations",
     "expires_on", "UPDATE authorisations SET expires_on = {later} WHERE authorisation_id = '{live}'"),
    ("an authorisation allows more uses", "records authorisations", CODE.STATE_DIFFERS, "authorisations",
     "uses_allowed", "UPDATE authorisations SET uses_allowed = 1000000 WHERE authorisation_id = '{live}'"),
    ("an authorisation covers more", "records authorisations", CODE.STATE_DIFFERS, "authorisations", "groups",
     update("authorisations", "groups = groups + 32", "granted_at IS NOT NULL")),
    ("an authorisation is for another", "records authorisations", CODE.STATE_DIFFERS, "authorisations",
     "recipient_code", "UPDATE authorisations SET recipient_code = 'LZ-RSJ' WHERE authorisation_id = '{live}'"),
    ("a withdrawal is revived", "records authorisations", CODE.STATE_DIFFERS, "authorisations",
     "withdrawn_at withdrawn_by",
     "UPDATE authorisations SET withdrawn_at = NULL, withdrawn_by = NULL WHERE withdrawn_at IS NOT NULL"),
    ("a refusal becomes a grant", "records authorisations", CODE.STATE_DIFFERS, "authorisations",
     "granted_at refused_at",
     update("authorisations", "granted_at = refused_at, refused_at = NULL", "refused_at IS NOT NULL")),
    ("an authorisation is deleted", "told authorisations", CODE.STATE_DELETED, "authorisations", "",
     "DELETE FROM authorisations WHERE authorisation_id = '{live}'"),
    ("a duty to delete goes", "duties", CODE.STATE_DELETED, "deletion_duties", "",
     delete("deletion_duties", "acknowledged_on IS NULL")),
    ("a duty to delete begins later", "records deletion_duties", CODE.STATE_DIFFERS, "deletion_duties", "since_on",
     update("deletion_duties", "since_on = {later}", "acknowledged_on IS NULL")),
    ("a deletion that nobody acknowledged", "records deletion_duties", CODE.STATE_DIFFERS, "deletion_duties",
     "acknowledged_at acknowledged_by acknowledged_on outcome",
     update("deletion_duties", "acknowledged_at = (SELECT min(requested_at) FROM authorisations), acknowledged_on = "
            "since_on, acknowledged_by = 'nobody', outcome = 'DELETED'", "acknowledged_on IS NULL")),
    ("a duty that follows from nothing", "records deletion_duties", CODE.STATE_ADDED, "deletion_duties", "",
     copy("deletion_duties", "acknowledged_on IS NULL", duty_id=NEW)),
    ("uses are given back", "uses", CODE.USES_DIFFER, "authorisations", "uses_made",
     "UPDATE authorisations SET uses_made = 0 WHERE uses_made > 0"),
    # What was shown, and what was issued.
    ("a notice that was shown says something else", "notices", CODE.STATE_DIFFERS, "authorisation_notices", "text",
     "UPDATE authorisation_notices SET text = 'X'"),
    ("a notice that was shown is another one, and its digest fits", "notices", CODE.STATE_DELETED,
     "authorisation_notices", "",
     (f"UPDATE authorisation_notices SET text = 'X', digest = '{sha256(b'X').hexdigest()}' "
     "WHERE digest = (SELECT max(digest) FROM authorisation_notices)")),
    ("a document is replaced", "sealed issued_notices", CODE.SEAL_BROKEN, "issued_notices", "pdf",
     "UPDATE issued_notices SET pdf_sealed = (SELECT name_sealed FROM subjects WHERE subject_id = '{myself}')"),
    ("a document is said to be another", "entries waiting consent", CODE.ROW_CHANGED, "issued_notices", "",
     "UPDATE issued_notices SET digest = code_hash"),
    # Cases.
    ("a restraint is unpublished", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases",
     "published_on", "UPDATE restraint_cases SET published_on = NULL WHERE case_id = '{case}'"),
    ("a restraint ends early", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases", "ends_on",
     "UPDATE restraint_cases SET ends_on = published_on WHERE case_id = '{case}'"),
    ("a restraint is removed", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases", "removed_on",
     "UPDATE restraint_cases SET removed_on = published_on WHERE case_id = '{case}'"),
    ("a restraint rests", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases", "paused_on",
     "UPDATE restraint_cases SET paused_on = published_on WHERE case_id = '{case}'"),
    ("a restraint is hidden", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases", "confidential",
     "UPDATE restraint_cases SET confidential = (1 = 1) WHERE case_id = '{case}'"),
    ("a case is another authority's", "records restraint_cases", CODE.STATE_DIFFERS, "restraint_cases",
     "department_code", "UPDATE restraint_cases SET department_code = 'LZ-RSJ' WHERE case_id = '{case}'"),
    ("a case is deleted", "told restraint_cases", CODE.STATE_DELETED, "restraint_cases", "",
     "DELETE FROM restraint_cases WHERE case_id = '{case}'"),
    ("a case is added", "records restraint_cases", CODE.STATE_ADDED, "restraint_cases", "",
     copy("restraint_cases", "case_id = '{case}'", case_id=NEW, number="'X'", number_key="'X'")),
    # Applications, and what they are granted.
    ("an application is decided otherwise", "records applications", CODE.STATE_DIFFERS, "applications", "outcome",
     update("applications", "outcome = 'REFUSED'", "outcome = 'APPROVED'")),
    ("an application is open again", "records applications", CODE.STATE_DIFFERS, "applications",
     "decided_at decided_at_day outcome",
     update("applications", "outcome = NULL, decided_at = NULL", "outcome = 'APPROVED'")),
    ("an application is deleted", "told applications", CODE.STATE_DELETED, "applications", "",
     delete("applications")),
    ("a credit check finds nothing", "records credit_checks", CODE.STATE_DIFFERS, "credit_checks", "finding",
     update("credit_checks", "finding = 'UNKNOWN'", "finding = 'CLEAN'")),
    ("a credit check is deleted", "told credit_checks", CODE.STATE_DELETED, "credit_checks", "",
     delete("credit_checks")),
    ("an incentive is given", "records incentive_grants", CODE.STATE_ADDED, "incentive_grants", "",
     copy("incentive_grants", grant_id=NEW, incentive="'GREEN_CHANNEL_2'")),
    ("a promise lasts longer", "records deferrals", CODE.STATE_DIFFERS, "deferrals", "due_on",
     update("deferrals", "due_on = {later}")),
    ("a commitment is met", "records commitments", CODE.STATE_DIFFERS, "commitments", "outcome",
     update("commitments", "outcome = 'MET'", "outcome = 'NOT_MET'")),
    # Delegates, hearings.
    ("a delegate acts for longer", "records delegations", CODE.STATE_DIFFERS, "delegations", "expires_on",
     update("delegations", "expires_on = {later}")),
    ("a delegate may do more", "records delegations", CODE.STATE_DIFFERS, "delegations", "powers",
     update("delegations", "powers = powers + 16")),
    ("a delegate is added", "records delegations", CODE.STATE_ADDED, "delegations", "",
     copy("delegations", delegation_id=NEW, delegate_ref="'somebody'")),
    ("a guardianship is not contested", "records delegations", CODE.STATE_DIFFERS, "delegations",
     "contested_at contested_by",
     "UPDATE delegations SET contested_at = NULL, contested_by = NULL WHERE contested_at IS NOT NULL"),
    ("an error was found later", "records corrections", CODE.STATE_DIFFERS, "corrections", "discovered_on",
     update("corrections", "discovered_on = {later}")),
    ("an objection is another's to answer", "records objections", CODE.STATE_DIFFERS, "objections",
     "department_code", update("objections", "department_code = 'LZ-RSJ'")),
    ("an objection is deleted", "told objections", CODE.STATE_DELETED, "objections", "", delete("objections")),
    # Identities, and sealed values.
    ("a number finds another subject", "sealed subjects", CODE.TERM_DIFFERS, "identifier_terms", "term",
     "UPDATE identifier_terms SET subject_id = '{myself}' WHERE kind = 'ID_NUMBER'"),
    ("a number finds nobody", "sealed subjects", CODE.TERM_DIFFERS, "identifier_terms", "term",
     "DELETE FROM identifier_terms WHERE subject_id = '{myself}'"),
    ("a mask shows another name", "sealed subjects", CODE.MASK_DIFFERS, "subjects", "name",
     "UPDATE subjects SET name_mask = '李＊' WHERE subject_id = '{myself}'"),
    ("a mask shows another number", "sealed subjects", CODE.MASK_DIFFERS, "identifiers", "number",
     "UPDATE identifiers SET number_mask = '9****************9' WHERE subject_id = '{myself}'"),
    ("facts are shown in a mask", "sealed restraint_cases", CODE.MASK_DIFFERS, "restraint_cases", "facts",
     "UPDATE restraint_cases SET facts_mask = 'facts' WHERE case_id = '{case}'"),
    ("facts are replaced", "sealed restraint_cases", CODE.SEAL_BROKEN, "restraint_cases", "facts",
     "UPDATE restraint_cases SET facts_sealed = evidence_sealed WHERE case_id = '{case}'"),
    ("a row of an earlier version is put back", "sealed subjects", CODE.SEAL_BROKEN, "subjects", "name",
     "UPDATE subjects SET version = version + 1 WHERE subject_id = '{myself}'"),
    ("a key is deleted", "sealed subjects", CODE.SEAL_BROKEN, "subjects", "name",
     "DELETE FROM subject_keys WHERE subject_id = '{myself}'"),
    ("a subject is deleted", "subjects disclosures", CODE.SUBJECT_UNKNOWN, "disclosures", "",
     "DELETE FROM subjects WHERE subject_id = '{myself}'"),
    ("a list leaves a case out", "published cases", CODE.READ_MODEL_DIFFERS, "published_cases", "",
     "DELETE FROM published_cases"),
    ("what `system` said is invented", "rows system_entries", CODE.ROW_ADDED, "system_entries", "",
     copy("system_entries", "type = 'reference-data/1'", entry_id="{new_page}")),
    ("a stub hides a deleted read", "rows erased_access_entries", CODE.ROW_ADDED, "erased_access_entries", "",
     ("INSERT INTO erased_access_entries (entry_id, stub_id, at, actor_ref, role, purpose) "
      "SELECT {new_page}, {new_page}, registered_at, 'x', 'x', 'x' FROM subjects LIMIT 1")),
    ("a subject is said to be erased", "rows erasures", CODE.ROW_ADDED, "erasures", "",
     ("INSERT INTO erasures (subject_id, erased_at, actor_ref, reason, evidence, epoch, label, consent_count, "
      "access_count) SELECT {new_page}, registered_at, 'x', 'x', 'x', 0, name_sealed, 0, 0 FROM subjects LIMIT 1")),
    ("a matter asks for no check", "reference data", CODE.STATE_DIFFERS, "matters", "",
     update("matters", "name_zh = 'X'")),
    ("an account becomes a subject's", "account links", CODE.STATE_ADDED, "account_links", "",
     ("INSERT INTO account_links (account, subject_id, linked_at) "
      "SELECT name_sealed, subject_id, registered_at FROM subjects WHERE subject_id = '{myself}'")),
    ("a linked account is exchanged for another", "sealed account_links", CODE.CONTENT_DIFFERS, "account_links",
     "account", "UPDATE account_links SET account = (SELECT name_sealed FROM subjects WHERE subject_id = '{myself}')"),
    ("a linked account is taken away", "deleted account links", CODE.STATE_DELETED, "account_links", "",
     "DELETE FROM account_links WHERE subject_id = '{myself}'"),
    # What waits.
    ("entries that wait are changed", "groups", CODE.TAG_WRONG, "pending_entries", "",
     "UPDATE pending_entries SET leaves = sources"),
    ("entries that wait are another subject's", "groups", CODE.TAG_WRONG, "pending_entries", "",
     "UPDATE pending_entries SET owners = sources WHERE log = 'consent'"),
    ("entries that wait are untagged", "groups", CODE.TAG_WRONG, "pending_entries", "",
     "UPDATE pending_entries SET tag = NULL"),
    ("entries that wait are deleted", "rows case_steps", CODE.ROW_ADDED, "case_steps", "",
     "DELETE FROM pending_entries"),
]  # fmt: skip
