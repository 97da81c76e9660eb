"""Log lines: which keys they may have, and what is dropped."""

import ast
import logging
from pathlib import Path

import pytest
import structlog

from consent.vocabulary import DataClass, Purpose
from gateway.settings.settings import read
from gateway.telemetry import logging as log
from policy.actions import Action
from policy.actors import Role
from queryplan.scopes import Scope
from tests.architecture.sources.syntax_trees import syntax_trees
from tests.gateway.fakes import MARKED, LogStream

PRODUCTION = {
    "CHENGXIN_MODE": "production",
    "CHENGXIN_DATABASE_URL": "postgresql://u@h/d",
    "CHENGXIN_KEK_FILE": "/k",
    "CHENGXIN_OIDC_ISSUER": "https://a.example",
    "CHENGXIN_OIDC_AUDIENCE": "chengxin",
    "CHENGXIN_OIDC_JWKS_URL": "https://a.example/jwks",
    "CHENGXIN_LEDGER_STORE": "file:/l",
    "CHENGXIN_LEDGER_ORIGIN": "credit.linzi.example",
}


def test_a_key_of_the_list_is_written(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    structlog.get_logger().info("authorisation.withdrawn", authorisation="a-1", status=200)
    line = logged.events()[0]
    assert (line["event"], line["authorisation"], line["status"]) == ("authorisation.withdrawn", "a-1", 200)
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_another_key_is_dropped_in_production(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    structlog.get_logger().info("subject.read", id_number=MARKED, count=1)
    assert logged.events()[0]["count"] == 1
    assert MARKED not in logged.getvalue()


def test_another_key_raises_in_demo_mode(logged: LogStream):
    log.configure(read({}), logged)
    with pytest.raises(log.KeyNotAllowed, match="id_number"):
        structlog.get_logger().info("subject.read", id_number=MARKED)
    assert logged.getvalue() == ""


def test_the_line_of_a_request_has_keys_of_the_list_only(logged: LogStream):
    facts = {"status": 200, "bytes": 7, "role": Role.CLERK, "purpose": Purpose.CREDIT_CHECK, "code": None}
    log.configure(read(PRODUCTION), logged)
    log.report_answer("1" * 32, "/graphql", "POST", 0.0123456, facts | {"id_number": MARKED, "root": "r" * 500})
    line = logged.events()[0]
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "request_id": "1" * 32, "route": "/graphql", "method": "POST", "milliseconds": 12.35, "status": 200, "bytes": 7,
        "role": "clerk", "purpose": "CREDIT_CHECK", "root": "r" * 200, "event": "request.answered", "level": "info",
    }  # fmt: skip
    log.configure(read({"CHENGXIN_LOG_FORMAT": "json"}), logged)
    with pytest.raises(log.KeyNotAllowed, match="id_number"):
        log.report_answer("1" * 32, "/graphql", "POST", 0.01, facts | {"id_number": MARKED})
    assert len(logged.events()) == 1


def test_a_value_that_could_show_more_than_meant_is_shown_by_its_type(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    structlog.get_logger().info("x", count={"number": MARKED}, state=[MARKED], code="c" * 500)
    line = logged.events()[0]
    assert (line["count"], line["state"], len(line["code"])) == ("(dict)", "(list)", 200)


def test_a_disagreement_about_the_policy_is_an_error_with_the_words_of_the_question(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    log.report_disagreement((Role.CLERK, Purpose.CREDIT_CHECK, DataClass.PHONE, Action.READ, Scope.ALL))
    line = logged.events()[0]
    assert (line.pop("event"), line.pop("level")) == ("policy.disagreement", "error")
    del line["timestamp"]
    assert line == {
        "role": "clerk", "purpose": "CREDIT_CHECK", "data_class": "PHONE", "action": "read", "scope": "all",
    }  # fmt: skip


def test_an_exception_is_logged_by_class_and_place(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    try:
        int(f"not {MARKED}")
    except ValueError as error:
        structlog.get_logger().error("broke", **log.where(error))
    line = logged.events()[0]
    assert (line["error"], line["trace"].split(":")[0]) == ("ValueError", "tests/gateway/telemetry/test_logging.py")
    assert MARKED not in logged.getvalue()
    assert str(Path.cwd()) not in logged.getvalue()


@pytest.mark.parametrize(
    ("case", "message", "args", "template"),
    [
        ("what was filled in is left out", "no row for %s", (MARKED,), "no row for %s"),
        ("free text is withheld", f"no row for {MARKED}", (), "(free text withheld)"),
    ],
)
def test_lines_of_libraries_keep_their_template_only(
    logged: LogStream, case: str, message: str, args: tuple[str, ...], template: str
):
    log.configure(read(PRODUCTION), logged)
    logging.getLogger("some.library").warning(message, *args)
    assert logged.events()[0]["template"].startswith(template), case
    assert MARKED not in logged.getvalue()


def test_exceptions_in_lines_of_libraries_are_logged_by_class_and_place(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    try:
        int(MARKED + "x")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    assert logged.events()[0]["error"] == "ValueError"
    assert MARKED not in logged.getvalue()


def test_the_servers_own_access_log_is_silent(logged: LogStream):
    log.configure(read(PRODUCTION), logged)
    logging.getLogger("uvicorn.access").warning('%s - "%s"', "127.0.0.1", f"GET /?id={MARKED}")
    assert logged.getvalue() == ""


def test_the_console_form_has_the_same_words(logged: LogStream):
    log.configure(read({}), logged)
    structlog.get_logger().info("demo.ready", port=8000)
    assert "demo.ready" in logged.getvalue()
    assert "8000" in logged.getvalue()


def test_every_key_that_the_gateway_logs_is_on_the_list():
    """A line with another one is never written in demo mode, and whatever wrote it stops."""
    written = {
        (str(path), each.arg)
        for path, module in syntax_trees("gateway", "schema", "storage", "policy")
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and "get_logger()." in ast.unparse(call.func)
        for each in call.keywords
        if each.arg is not None
    }
    assert {key for _, key in written} >= {"year", "job", "code"}
    assert not {(path, key) for path, key in written if key not in log.ALLOWED}
