// node run-audit.mjs [URL]: runs every audit of npm `graphql-http` and prints `61 of 61`, or what failed and why.
// The server needs introspection on: some audits ask for `__type`.
import { serverAudits } from 'graphql-http';

const url = process.argv[2] ?? 'http://127.0.0.1:8000/graphql';
const audits = serverAudits({ url, fetchFn: fetch });
const results = await Promise.all(audits.map((audit) => audit.fn()));
for (const { id, name, status, reason } of results.filter((result) => result.status !== 'ok')) {
  console.error(`${status} ${id} ${name}: ${reason}`);
}
const passed = results.filter((result) => result.status === 'ok').length;
console.log(`${passed} of ${results.length}`);
process.exit(passed === results.length ? 0 : 1);
