"""The headers of a request, found by their names."""

from typing import Any

from starlette.datastructures import Headers


class RequestHeaders(Headers):
    """Starlette's headers with an index: it looks at all of them for each name, and a request asks for a dozen."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._list = raw
        self.first = dict(raw)
        """The first value of each header, by its name in lower case."""
        self._each_once = len(self.first) == len(raw)
        if not self._each_once:
            self.first = dict(reversed(raw))

    def getlist(self, key: str) -> list[str]:
        name = key.lower().encode("latin-1")
        if name not in self.first:
            return []
        if self._each_once:
            return [self.first[name].decode("latin-1")]
        return [value.decode("latin-1") for each, value in self._list if each == name]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as a mapping's
        found = self.first.get(key.lower().encode("latin-1"))
        return default if found is None else found.decode("latin-1")

    def __getitem__(self, key: str) -> str:
        return self.first[key.lower().encode("latin-1")].decode("latin-1")

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower().encode("latin-1") in self.first
