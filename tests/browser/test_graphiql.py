"""GraphiQL in a real Chromium, on the demo: under its own policy, for eyes, keyboards, screen readers and phones."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.browser.conftest import PHONE, WIDE, OpenWindow, Window
from tests.browser.installed import needs_browser
from tests.served import Served

pytestmark = [needs_browser, pytest.mark.browser, pytest.mark.subprocess, pytest.mark.slow]

DOCUMENT = """query Look @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 2) { nodes { circumstance subject { ... on NaturalPerson { name identifier phone } } } }
}"""
UNSTATED = "{ focusedCheckTargets(first: 2) { totalCount nodes { facts } } }"
SUBSCRIPTION = "subscription @purpose(is: SELF_ACCESS) { accessRecorded { nodes { actingRole } } }"
READ = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 50) { nodes { subject { name } } } }"
RUN = "button.graphiql-execute-button"
ANSWER = ".result-window .view-lines"


async def editor_text(window: Window, text: str | None = None) -> str:
    """Put *text* into the editor of documents, if one is given; return what is in it."""
    script = """text => {
      const editor = __MONACO.editor.getEditors().find(each => each.getModel().uri.path.endsWith('operation.graphql'));
      if (text !== null) editor.setValue(text);
      return editor.getValue();
    }"""
    found: str = await window.page.evaluate(script, text)
    return found


async def listed(window: Window, text: str) -> Any:
    """Return the entry of the panel that contains *text*, once it is there."""
    found = window.page.locator(".access li", has_text=text)
    await found.first.wait_for()
    return found.first


async def opened(open_window: OpenWindow, demo: Served, path: str, size: dict[str, Any] = WIDE) -> Window:
    window = await open_window(f"{demo.url}{path}", size)
    await window.page.locator(".access li").first.wait_for()
    return window


async def as_regulator(open_window: OpenWindow, demo: Served, text: str) -> Window:
    window = await opened(open_window, demo, "/graphiql/as/regulator")
    await editor_text(window, text)
    return window


async def shown_answer(window: Window) -> str:
    """Return the answer as the page shows it, once it is there."""
    await window.page.wait_for_function(
        "selector => document.querySelector(selector)?.innerText.length > 5", arg=ANSWER
    )
    found: str = await window.page.locator(ANSWER).inner_text()
    return found.replace("\xa0", " ")


# --- the page ---------------------------------------------------------------------------------------------------------


async def test_it_works_under_its_policy_and_its_workers_know_the_schema(open_window: OpenWindow, demo: Served) -> None:
    """A complaint of the policy would be an error on the console, which fails every test here."""
    window = await as_regulator(open_window, demo, "{ noSuchField }")
    await window.page.locator(".squiggly-error").first.wait_for()
    workers = {urlsplit(each.url).path for each in window.page.workers}
    assert workers >= {"/static/graphiql-worker.js", "/static/graphiql-worker-json.js"}
    policy = (await window.asked("/graphiql/as/regulator")[0].response()).headers["content-security-policy"]
    assert "script-src 'self'; worker-src 'self';" in policy
    script = await window.asked("/static/graphiql.js")[0].response()
    assert (await script.all_headers())["content-encoding"] == "gzip"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_axe_finds_nothing_serious(size: dict[str, Any], open_window: OpenWindow, demo: Served) -> None:
    """Fresh; after an answer; with the documentation; with the settings."""
    window = await opened(open_window, demo, "/graphiql/try/focused-check", size)
    assert await window.findings() == []
    await window.page.locator(RUN).click()
    await shown_answer(window)
    assert await window.findings() == []
    await window.page.get_by_role("button", name="Show Documentation Explorer").click()
    await window.page.locator(".graphiql-doc-explorer-content a").first.wait_for()
    assert await window.findings() == []
    assert not await window.overflows()
    await window.page.get_by_role("button", name="Open settings dialog").click()
    await window.page.get_by_role("dialog").wait_for()
    assert await window.findings() == []


async def test_nothing_stays_in_the_browser(open_window: OpenWindow, demo: Served) -> None:
    """[5.1.6] On a shared machine the next person finds nothing of the last one."""
    window = await opened(open_window, demo, "/graphiql/try/focused-check")
    await window.page.locator(RUN).click()
    await shown_answer(window)
    assert await window.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert window.page.url == f"{demo.url}/graphiql/try/focused-check"


async def test_a_server_that_cannot_answer_now_is_said(browser: Any, demo: Served) -> None:
    window = Window(await browser.new_page())
    await window.page.route("**/graphiql/config.json", lambda route: route.abort())
    await window.page.goto(f"{demo.url}/graphiql")
    await window.page.get_by_role("alert").get_by_text("暂时无法打开").wait_for()
    await window.page.close()


# --- links that run ---------------------------------------------------------------------------------------------------


async def test_a_link_of_the_start_page_runs_by_one_press(open_window: OpenWindow, demo: Served) -> None:
    """Its document comes from a committed file: the address has its name, and no query."""
    window = await open_window(demo.url)
    links = window.page.locator('a[href^="/graphiql/try/"]')
    assert await links.count() == 3
    await links.nth(1).click()
    await (await listed(window, "phone")).wait_for()
    assert urlsplit(window.page.url)[2:] == ("/graphiql/try/focused-check", "", "")
    await window.page.keyboard.press("Enter")
    answer = await shown_answer(window)
    assert '"focusedCheckTargets"' in answer
    assert '"errors"' in answer


async def test_a_link_runs_by_one_touch_on_a_phone(open_window: OpenWindow, demo: Served) -> None:
    window = await opened(open_window, demo, "/graphiql/try/who-looked", PHONE)
    assert not await window.overflows()
    box = await window.page.locator(RUN).bounding_box()
    assert box["y"] + box["height"] < PHONE["viewport"]["height"]
    assert min(box["width"], box["height"]) >= 40
    await window.page.locator(RUN).tap()
    assert '"myAccessLog"' in await shown_answer(window)


async def test_a_subscription_shows_what_happens_until_it_is_stopped(open_window: OpenWindow, demo: Served) -> None:
    window = await opened(open_window, demo, "/graphiql/as/subject")
    await editor_text(window, SUBSCRIPTION)
    await window.page.locator(RUN).click()
    stop = window.page.locator(f'{RUN}[aria-label*="Stop"]')
    await stop.wait_for()
    async with httpx.AsyncClient(base_url=demo.url) as other:
        token = (await other.get("/dev/token", params={"persona": "regulator"})).text
        for _ in range(50):  # nothing says when a subscription has begun
            await other.post("/graphql", json={"query": READ}, headers={"Authorization": f"Bearer {token}"})
            await window.page.wait_for_timeout(300)
            if "accessRecorded" in await window.page.locator(ANSWER).inner_text():
                break
    assert '"REGULATOR"' in await shown_answer(window)
    await stop.click()
    await window.page.locator(f'{RUN}[aria-label*="Execute"]').wait_for()


# --- who asks, and for what -------------------------------------------------------------------------------------------


async def test_the_purpose_picker_shows_what_the_document_states_and_changes_no_text(
    open_window: OpenWindow, demo: Served
) -> None:
    window = await as_regulator(open_window, demo, DOCUMENT)
    picker = window.page.get_by_label("查询目的")
    await window.page.get_by_role("button", name="文档已写明").click()
    assert await picker.is_disabled()
    assert await picker.input_value() == "FOCUSED_CHECK"
    # The button leads to the value: what one types replaces it, and the picker follows.
    await window.page.keyboard.type("REVIEW")
    await window.page.wait_for_function("() => document.querySelector('.stated select')?.value === 'REVIEW'")
    assert await editor_text(window) == DOCUMENT.replace("FOCUSED_CHECK", "REVIEW")


@pytest.mark.parametrize(
    ("case", "text", "header"),
    [("stated by the document", DOCUMENT, None), ("stated by the picker", UNSTATED, "FOCUSED_CHECK")],
)
async def test_the_header_goes_along_only_where_the_document_states_nothing(
    case: str, text: str, header: str | None, open_window: OpenWindow, demo: Served
) -> None:
    window = await as_regulator(open_window, demo, text)
    if header:
        await window.page.get_by_label("查询目的").select_option(header)
    await listed(window, "facts" if header else "phone")
    await window.page.locator(RUN).click()
    assert '"focusedCheckTargets"' in await shown_answer(window), case
    sent = await window.asked("/graphql")[-1].all_headers()
    assert sent.get("access-purpose") == header
    assert sent["authorization"].startswith("Bearer ")


async def test_another_persona_changes_who_asks_and_no_text(open_window: OpenWindow, demo: Served) -> None:
    window = await as_regulator(open_window, demo, DOCUMENT)
    assert "不提供" in await (await listed(window, "phone")).inner_text()
    await window.page.get_by_label("演示身份").select_option("clerk")
    refused = await listed(window, "当前角色无权以此目的查看")
    assert "focusedCheckTargets" in await refused.inner_text()
    await window.page.locator(".view-line .field-withheld", has_text="circumstance").wait_for()
    assert await editor_text(window) == DOCUMENT


# --- the panel --------------------------------------------------------------------------------------------------------


async def test_fields_are_coloured_signed_and_explained_as_one_types(open_window: OpenWindow, demo: Served) -> None:
    window = await as_regulator(open_window, demo, DOCUMENT)
    seen = {
        "circumstance": ("field-clear", "明文", "法定职责 [5.2.2]"),
        "identifier": ("field-masked", "脱敏", "法定职责 [5.2.2]"),
        "phone": ("field-withheld", "不提供", "并非此目的所必需"),
    }
    for name, (style, word, why) in seen.items():
        entry = await listed(window, name)
        assert word in await entry.inner_text()
        await window.page.locator(f".view-line .{style}", has_text=name).wait_for()
        await entry.get_by_role("button").focus()
        assert why in await window.page.locator(".access .here").inner_text()
    # Typing goes on: the list follows without a press.
    await editor_text(window, DOCUMENT.replace(" phone", ""))
    await window.page.locator(".access li", has_text="phone").wait_for(state="detached")
    # A text that is not complete leaves what was shown, and says so.
    await editor_text(window, DOCUMENT[:-1])
    await window.page.get_by_text("查询尚未写完").wait_for()
    await listed(window, "identifier")


async def test_types_that_differ_are_named(open_window: OpenWindow, demo: Served) -> None:
    """[5.1.5] Of persons the public list has no area, of companies it has: neither word would be right for both."""
    text = "query @purpose(is: PUBLICITY) { publicRestraintList(first: 1) { nodes { subject { area { code } } } } }"
    window = await as_regulator(open_window, demo, text)
    entry = await listed(window, "publicRestraintList.nodes.subject.area")
    shown = await entry.inner_text()
    assert "部分不提供" in shown
    assert "NaturalPerson、SoleTrader：并非此目的所必需" in shown
    await window.page.locator(".view-line .field-partly", has_text="area").wait_for()


async def test_what_would_unlock_a_field_is_said(open_window: OpenWindow, demo: Served) -> None:
    window = await as_regulator(open_window, demo, "query @purpose(is: AUDIT) { focusedCheckTargets { totalCount } }")
    await listed(window, "此角色以下列目的可见：重点核查")


async def test_the_keyboard_alone_reaches_everything_and_is_caught_nowhere(
    open_window: OpenWindow, demo: Served
) -> None:
    """From the list to a field in the text, which runs from there; and out of the editor, in which Tab indents."""
    window = await as_regulator(open_window, demo, DOCUMENT)
    entry = await listed(window, "phone")
    keyboard = window.page.keyboard
    await window.page.get_by_label("示例").focus()
    for _ in range(60):
        await keyboard.press("Tab")
        if await window.page.evaluate("document.activeElement.closest('.access li') !== null"):
            break
    assert await entry.get_by_role("button").evaluate("each => each === document.activeElement"), (
        "what is missing first"
    )
    await keyboard.press("Enter")
    await keyboard.press("Control+Enter")
    assert '"focusedCheckTargets"' in await shown_answer(window)
    assert await window.page.evaluate("document.activeElement.closest('.monaco-editor') !== null")
    await keyboard.press("Escape")
    await keyboard.press("Tab")
    assert await window.page.locator(RUN).evaluate("each => each === document.activeElement")
    assert await editor_text(window) == DOCUMENT


async def test_the_pointer_on_a_field_says_why(open_window: OpenWindow, demo: Served) -> None:
    window = await as_regulator(open_window, demo, DOCUMENT)
    await window.page.locator(".view-line .field-withheld", has_text="phone").hover()
    hover = window.page.locator(".monaco-hover", has_text="并非此目的所必需")
    await hover.first.wait_for()
