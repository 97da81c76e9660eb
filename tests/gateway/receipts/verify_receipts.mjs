// Runs the script of the page on receipts: node verify_receipts.mjs PAGE < {"policy", "now", "receipts": [base64, …]}
// Prints for each what holds, or why it is refused.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
const script = /<script type="module">([\s\S]*)<\/script>/.exec(readFileSync(process.argv[2], "utf8"))[1];
const asked = JSON.parse(readFileSync(0, "utf8"));
if (asked.withoutEd25519) {
  const { subtle } = globalThis.crypto;
  const importKey = subtle.importKey.bind(subtle);
  subtle.importKey = (format, key, algorithm, ...rest) => {
    if (algorithm.name === "Ed25519") throw new DOMException("unsupported", "NotSupportedError");
    return importKey(format, key, algorithm, ...rest);
  };
}
(0, eval)(script);
const answers = [];
for (const receipt of asked.receipts) {
  try {
    const found = await globalThis.verifyReceipt(Uint8Array.from(Buffer.from(receipt, "base64")), asked.policy, asked.now);
    answers.push({ holds: found.steps.map((step) => step.en), unsure: found.unsure.map((step) => step.en), subject: found.subject });
  } catch (error) {
    answers.push({ refused: error.en ?? "malformed", zh: error.zh });
  }
}
console.log(JSON.stringify(answers));
