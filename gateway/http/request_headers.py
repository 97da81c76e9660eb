"""The headers of a request, found by their names."""

from typing import Any

from starlette.datastructures import Headers


class RequestHeaders(Headers):
    """Starlette's headers with an index: it looks at all of them for each name, and a request asks for a dozen."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        super().__init__(raw=raw)
        index: dict[bytes, list[bytes]] = {}
        for name, value in raw:
            if name in index:
                index[name].append(value)
            else:
                index[name] = [value]
        self._index = index

    def getlist(self, key: str) -> list[str]:
        return [value.decode("latin-1") for value in self._index.get(key.lower().encode("latin-1"), ())]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as a mapping's
        found = self._index.get(key.lower().encode("latin-1"))
        return default if found is None else found[0].decode("latin-1")

    def __getitem__(self, key: str) -> str:
        return self._index[key.lower().encode("latin-1")][0].decode("latin-1")

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower().encode("latin-1") in self._index
