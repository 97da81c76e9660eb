"""Asks a witness for cosignatures, with the client of aics-witness: `feed_aics_witness.py URL VKEY`.

It reads a list of checkpoints from its input, each with the proofs from every old size, and prints what became of each:
the lines, or the name of the refusal. It runs in the environment of the peers.
"""

import json
import sys
from base64 import b64decode

from aics_witness.feeder import FeederError, WitnessClient


def main(url, vkey):
    answers = []
    with WitnessClient(url, vkey, max_attempts=1) as client:
        for asked in json.load(sys.stdin):
            proofs = {int(old): [b64decode(each) for each in path] for old, path in asked["proofs"].items()}
            try:
                answers.append(client.submit(asked["note"], lambda old, _, proofs=proofs: proofs[old]))
            except FeederError as error:
                answers.append(f"{type(error).__name__} {getattr(error, 'status', '')}".strip())
    print(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
