"""The page that verifies receipts: its script agrees with ours, and nothing can leave the page [5.1.6] [PIPL 45]."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from consent.errors import LedgerRefused
from consent.ledger.notes.log_policy import LogPolicy, PolicyGroup, PolicyLog, PolicyWitness
from consent.ledger.notes.signatures import CLOCK_SECONDS, CheckpointCosigner
from consent.ledger.notes.signed_notes import KeyKind
from consent.receipts.verify import verify_receipt
from gateway.receipts.receipt_page import FILE, PATH, receipt_page_routes
from tests.consent.receipts.samples import POLICY, SECONDS, SUBJECT, made, statement
from tests.consent.receipts.test_receipts import REFUSALS

PAGE = FILE.read_text(encoding="utf-8")
RUNNER = Path(__file__).with_name("verify_receipts.mjs")
node = pytest.mark.skipif(not shutil.which("node"), reason="needs node, which runs the script of the page")
RECEIPTS = [made(log).receipt().encode() for log in ("consent", "access")]


def in_the_page(receipts, policy=POLICY, now=SECONDS, **how):
    asked = {
        "policy": policy.encode().decode(), "now": now, "receipts": [b64encode(it).decode() for it in receipts], **how
    }  # fmt: skip
    done = subprocess.run(
        ["node", RUNNER, FILE], input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout)


@node
@pytest.mark.subprocess
def test_the_page_says_what_a_receipt_proves():
    for found in in_the_page(RECEIPTS):
        assert found["unsure"] == []
        assert found["subject"] == str(SUBJECT)
        assert [each.partition(":")[0] for each in found["holds"]][2:] == [
            "the log has signed the checkpoint", "the controller has sealed this receipt", "witnesses have cosigned",
            "the statement agrees with the record",
        ]  # fmt: skip


@node
@pytest.mark.subprocess
def test_the_page_refuses_what_we_refuse():
    named = [(name, content()) for name, content, how, _ in REFUSALS if not how and name != "too much"]
    found = in_the_page([content for _, content in named])
    assert [name for (name, _), each in zip(named, found, strict=True) if "refused" not in each] == []
    assert in_the_page(RECEIPTS, now=SECONDS - CLOCK_SECONDS - 1)[0]["zh"] == "检查点的时间晚于现在"
    for policy in (LogPolicy(POLICY.logs[1:]), replace(POLICY, groups=(), quorum="nobody")):
        assert "refused" in in_the_page(RECEIPTS[:1], policy)[0]


@node
@pytest.mark.subprocess
def test_no_byte_can_be_another_one_in_the_page_either():
    for content in RECEIPTS:
        bent = [
            content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :] for at in range(0, len(content), 11)
        ]
        assert [each for each in in_the_page(bent) if "refused" not in each] == []


@node
@pytest.mark.subprocess
def test_a_browser_that_cannot_check_signatures_says_so():
    (found,) = in_the_page(RECEIPTS[:1], withoutEd25519=True)
    assert "this browser cannot check that the log has signed the checkpoint" in found["unsure"]
    assert not [each for each in found["holds"] if "signed" in each]


@node
@pytest.mark.subprocess
def test_a_cosignature_that_no_browser_can_check_is_not_counted():
    newer = CheckpointCosigner("witness.example/w9", bytes(32), KeyKind.COSIGNER_ML_DSA_44)
    both = PolicyGroup("both", 2, ("w0", "w9"))
    policy = replace(POLICY, witnesses=(POLICY.witnesses[0], PolicyWitness("w9", newer.key)), groups=(both,))
    assert in_the_page(RECEIPTS[:1], policy)[0]["refused"] == "too few witnesses have cosigned it"


def test_both_say_the_same_of_the_same_receipts():
    """Otherwise the comparison above would hold because everything is refused."""
    for content in RECEIPTS:
        assert verify_receipt(content, POLICY, SECONDS).subject_id == SUBJECT
    with pytest.raises(LedgerRefused):
        verify_receipt(RECEIPTS[0], LogPolicy((PolicyLog(POLICY.logs[1].key),)), SECONDS)
    assert statement("consent")["pii_principal_id"] == str(SUBJECT)


def hash_of(tag):
    (content,) = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", PAGE, re.DOTALL)
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def test_nothing_but_its_own_script_runs_and_nothing_is_loaded():
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', PAGE)
    assert policy == (
        f"default-src 'none'; script-src {hash_of('script')}; style-src {hash_of('style')}; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"\b(?:src|href|action|fetch|XMLHttpRequest|innerHTML|import)\s*[=(]", PAGE)
    assert not re.search(r"https?://", PAGE)


async def test_the_gateway_serves_the_page_with_its_own_policy():
    app = Starlette(routes=receipt_page_routes(POLICY.encode() + b"# <script>\n"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.example") as client:
        answer = await client.get(PATH)
    assert answer.status_code == 200
    (shown,) = re.findall(r'<textarea id="policy" spellcheck="false">(.*?)</textarea>', answer.text, re.DOTALL)
    assert unescape(shown).encode() == POLICY.encode() + b"# <script>\n"
    assert answer.headers["content-security-policy"].endswith("; frame-ancestors 'none'")
    assert answer.text.replace(shown, "") == PAGE


def in_chromium(test):
    needed = pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")
    return pytest.mark.browser(pytest.mark.subprocess(needed(test)))


def opened_in_chromium(page: Path, folder: Path):
    asked = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}"]
    asked += ["--virtual-time-budget=5000", "--enable-logging=stderr", "--dump-dom", page.as_uri()]
    shown = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    assert "Content Security Policy" not in shown.stderr
    assert "Uncaught" not in shown.stderr
    return unescape(shown.stdout)


@in_chromium
def test_the_page_opens_in_a_browser_under_its_own_policy(tmp_path):
    assert "核验回执" in opened_in_chromium(FILE, tmp_path)


@in_chromium
def test_a_browser_verifies_a_receipt_without_a_network(tmp_path):
    """Its own policy lets no test into the page, so the test is in a copy without that line."""
    policy, receipts = json.dumps(POLICY.encode().decode()), json.dumps([b64encode(it).decode() for it in RECEIPTS])
    script = (
        f"for (const each of {receipts}) {{ const bytes = Uint8Array.from(atob(each), (it) => it.charCodeAt(0)); "
        f"const found = await verifyReceipt(bytes, {policy}, {SECONDS}); "
        "document.body.append(`[${found.steps.length} hold, ${found.unsure.length} unsure]`); }"
    )
    page = tmp_path / "page.html"
    copy = re.sub(r"<meta http-equiv.*?>\n", "", PAGE)
    page.write_text(copy.replace("</body>", f'<script type="module">{script}</script></body>'), encoding="utf-8")
    assert opened_in_chromium(page, tmp_path / "profile").count("[6 hold, 0 unsure]") == 2
