// Verifies the checkpoint of a published log, and every proof of inclusion, with npm @sigstore/verify:
//
//     node verify_sigstore.mjs FOLDER
//
// FOLDER is that of tests/interop/published_log.py. The package exports no function for a part of a bundle, so its
// modules are loaded by their paths.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const tlog = join(require.resolve('@sigstore/verify'), '..', 'tlog');
const { verifyCheckpoint } = require(join(tlog, 'checkpoint.js'));
const { verifyMerkleInclusion } = require(join(tlog, 'merkle.js'));

const TILE = 256;
const ED25519 = Buffer.from('302a300506032b6570032100', 'hex'); // what stands before the 32 bytes of a key in SPKI

const folder = process.argv[2];
const made = JSON.parse(readFileSync(join(folder, 'proofs.json')));
const envelope = readFileSync(join(folder, 'checkpoint'), 'utf-8');
const [name, keyId] = made.vkey.split('+');
const publicKey = createPublicKey({
  key: Buffer.concat([ED25519, Buffer.from(made.vkey.split('+').slice(2).join('+'), 'base64').subarray(1)]),
  format: 'der',
  type: 'spki',
});
const log = { logID: Buffer.from(keyId, 'hex'), baseURL: name, publicKey };

const checkpoint = verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } }, [log]);
const size = Number(checkpoint.logSize);
if (made.inclusion.length !== size) throw new Error(`${made.inclusion.length} proofs for ${size} entries`);
for (let first = 0; first < size; first += TILE) {
  entriesOf(first / TILE, Math.min(TILE, size - first)).forEach((canonicalizedBody, at) => {
    const hashes = made.inclusion[first + at].map((each) => Buffer.from(each, 'base64'));
    verifyMerkleInclusion({ canonicalizedBody, inclusionProof: { logIndex: String(first + at), hashes } }, checkpoint);
  });
}
console.log('{}');

function entriesOf(number, width) {
  const name = String(number).padStart(3, '0') + (width < TILE ? `.p/${width}` : '');
  const content = readFileSync(join(folder, 'tile', 'entries', name));
  const entries = [];
  for (let at = 0; at < content.length; ) {
    const length = content.readUInt16BE(at);
    entries.push(content.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (entries.length !== width) throw new Error(`tile ${number} has ${entries.length} entries`);
  return entries;
}
