"""Manifests as the tools of front-ends write them."""

from hashlib import sha256
from pathlib import Path

import orjson

TARGET = "fragment Target on RestraintCase { circumstance endsOn subject { name phone } }"
FIRST = (
    "query Targets($n: Int!, $c: String) @purpose(is: FOCUSED_CHECK) "
    f"{{ focusedCheckTargets(first: $n, after: $c) {{ nodes {{ ...Target }} }} }} {TARGET}"
)
NEXT = (
    "query TargetsNext($n: Int!, $c: String) "
    f"{{ focusedCheckTargets(first: $n, after: $c) {{ nodes {{ ...Target }} }} }} {TARGET}"
)
ME = "query Me {\n  viewer { ref role }\n}"
LISTED = "query Listed { publicRestraintList(first: 1) { nodes { circumstance } } }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def codegen(*texts: str) -> dict[str, str]:
    """As graphql-codegen's client preset writes persisted-documents.json."""
    return {f"sha256:{hash_of(text)}": text for text in texts}


def relay(*texts: str) -> dict[str, str]:
    """As Relay's compiler writes the file of its persistConfig."""
    return {hash_of(text): text for text in texts}


def apollo(*texts: str) -> dict[str, object]:
    """As Apollo's tool writes persisted-query-manifest.json."""
    operations = [{"id": hash_of(text), "name": "N", "type": "query", "body": text} for text in texts]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}


def written(path: Path, manifest: object) -> Path:
    path.write_bytes(orjson.dumps(manifest))
    return path
