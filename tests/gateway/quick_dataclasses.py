"""Plugin of pytest: what the tests import has the methods of dataclasses that a process which serves has."""

from gateway.dataclass_methods import made_without_compiling

_FOR_THE_SESSION = made_without_compiling()
_FOR_THE_SESSION.__enter__()
