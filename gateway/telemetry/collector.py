"""The collector of OpenTelemetry that the settings name: its client is imported only where there is one."""

from importlib.metadata import version
from typing import TYPE_CHECKING

from gateway.settings.settings import SettingRefused, Settings

if TYPE_CHECKING:
    from gateway.telemetry.otlp import OtlpTelemetry


def open_telemetry(settings: Settings) -> "OtlpTelemetry | None":
    """Return what exports traces and metrics; None where no collector is set. Raises SettingRefused."""
    if settings.otlp_endpoint is None:
        return None
    try:
        from gateway.telemetry.otlp import OtlpTelemetry  # noqa: PLC0415 - only where the setting asks for it
    except ImportError:
        raise SettingRefused(
            "Install the extra `otel` (pip install 'chengxin-gateway[otel]'), or unset CHENGXIN_OTLP_ENDPOINT."
        ) from None
    return OtlpTelemetry(
        settings.otlp_endpoint, _headers(settings), settings.trace_percent, version("chengxin-gateway")
    )


def _headers(settings: Settings) -> dict[str, str]:
    if settings.otlp_headers_file is None:
        return {}
    try:
        lines = settings.otlp_headers_file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = [""]
    found = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if not all(found) or not all(found.values()):
        raise SettingRefused(
            "Set CHENGXIN_OTLP_HEADERS_FILE to a readable file of lines such as `authorization: Bearer …`, in ASCII."
        )
    return found
