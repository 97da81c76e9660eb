"""`chengxin ledger witness`: cosign the logs of other districts."""

import os
import re
import stat
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from consent.errors import NoteRefused
from consent.ledger.notes.signatures import SEED_BYTES, CheckpointCosigner
from consent.ledger.notes.signed_notes import KeyKind
from gateway.cli.ledger.options import Policy, read_policy
from gateway.cli.output import CommandMisused, CommandRefused, print_progress, print_result
from gateway.ledger.witness.witness import Witness
from gateway.ledger.witness.witness_app import witness_app
from gateway.ledger.witness.witness_state import WitnessState, WitnessStateRefused
from policy.crypto.keyring import Keyring

_SEED: Final = re.compile(rf"[0-9a-f]{{{2 * SEED_BYTES}}}\n?")
_LISTEN: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):([0-9]{1,5})")
_PORTS: Final = 65_535


class Cosignatures(StrEnum):
    """Which kinds of cosignature a witness gives."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    BOTH = "both"


_KINDS: Final = {
    Cosignatures.ED25519: (KeyKind.COSIGNER_ED25519,),
    Cosignatures.ML_DSA_44: (KeyKind.COSIGNER_ML_DSA_44,),
    Cosignatures.BOTH: (KeyKind.COSIGNER_ED25519, KeyKind.COSIGNER_ML_DSA_44),
}


def witness(
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen.")],
    policy: Policy,
    state: Annotated[
        Path, typer.Option("--state", metavar="FOLDER", help="What was cosigned last. Never restore it from a backup.")
    ],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The name of the key, such as witness.x.example.")
    ],
    key_file: Annotated[
        Path | None, typer.Option("--key-file", metavar="FILE", help="The gateway's key file; the key is made from it.")
    ] = None,
    seed_file: Annotated[
        Path | None, typer.Option("--seed-file", metavar="FILE", help="Or a file with 64 hexadecimal digits.")
    ] = None,
    cosignatures: Annotated[
        Cosignatures, typer.Option("--cosignatures", help="Kinds of signature.")
    ] = Cosignatures.BOTH,
) -> None:
    """Cosign the checkpoints of other districts' logs, until stopped; the policy names the logs.

    It prints the line by which a policy counts it as a witness, one for each kind of signature: a policy takes one.
    """
    found = _LISTEN.fullmatch(listen)
    if found is None or int(found[2]) > _PORTS:
        raise CommandMisused("that is no address to listen on", "such as 127.0.0.1:8790")
    trusted = read_policy(policy)
    if not trusted.logs:
        raise CommandRefused("the policy names no log", "add the line of each log that is to be cosigned")
    cosigners = _cosigners(name, key_file, seed_file, _KINDS[cosignatures])
    try:
        with WitnessState(state) as held:
            for each in trusted.logs:
                held.last(each.key.name)
            for cosigner in cosigners:
                print_result(f"witness {name} {cosigner.key}")
            app = witness_app(Witness(trusted, cosigners, held, lambda: int(time.time())))
            print_progress(f"listening on {listen} for {len(trusted.logs)} logs")
            uvicorn.run(
                app, host=found[1].strip("[]"), port=int(found[2]), log_level="warning", access_log=False,
                server_header=False, limit_concurrency=256, timeout_keep_alive=60,
            )  # fmt: skip
    except WitnessStateRefused as refused:
        raise CommandRefused(
            str(refused), "name an existing folder of its own, and mend or replace no file in it by hand"
        ) from None


def _cosigners(
    name: str, key_file: Path | None, seed_file: Path | None, kinds: tuple[KeyKind, ...]
) -> list[CheckpointCosigner]:
    if (key_file is None) == (seed_file is None):
        raise CommandMisused("a witness has one key", "name it by --key-file or by --seed-file")
    try:
        if key_file is not None:
            keyring = Keyring.load(key_file, os.urandom)
            return [keyring.witness_signer(name, kind) for kind in kinds]
        seed = _seed(seed_file or Path())
        return [CheckpointCosigner(name, seed, kind) for kind in kinds]
    except NoteRefused as error:
        raise CommandMisused(f"that is no name of a key: {error.flaw.message}", "such as witness.x.example") from None


def _seed(file: Path) -> bytes:
    try:
        written, mode = file.read_text("ascii"), stat.S_IMODE(file.stat().st_mode)
    except (OSError, ValueError) as error:
        raise CommandRefused(f"the key cannot be read ({type(error).__name__})", _make(file)) from None
    if not _SEED.fullmatch(written):
        raise CommandRefused("the file has no 64 hexadecimal digits", _make(file))
    if mode & 0o077 and os.name == "posix":
        raise CommandRefused("others than its owner may read the key", f"chmod 600 {file.name}")
    return bytes.fromhex(written)


def _make(file: Path) -> str:
    return f"make it by: (umask 077; openssl rand -hex 32 > {file.name})"
