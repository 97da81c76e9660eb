// The journeys that every client takes. A client is described by how it is made, how it reads and how it writes, each as
// its page in docs/front-end/ says; what it showed goes to the output, one line of JSON for each feature.
import { readFileSync } from "node:fs";
import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket; // Node has one from version 22 on
export const GIVEN = JSON.parse(process.env.CLIENTS);

/** Return the document of docs/examples/clients/ with this name. */
export const document = (name) => readFileSync(new URL(`documents/${name}.graphql`, import.meta.url), "utf8");

/** Return the options of a client in this role. */
export const as = (role, more = {}) => ({ url: GIVEN.url, token: () => GIVEN.tokens[role], ...more });

/** Run one feature, and write what was seen. */
export async function feature(name, run) {
  const seen = await run().catch((error) => `failed: ${error.message ?? error}`);
  console.log(JSON.stringify({ feature: name, seen }));
}

/** Say how many ids there are, and whether one comes twice. */
export function counted(ids) {
  return `${ids.length} cases, ${new Set(ids).size === ids.length ? "none twice" : "some twice"}`;
}

/** Return a `fetch` that loses the first answer on its way, and counts. */
export function losingFetch() {
  let sent = 0;
  const lossy = async (...request) => {
    const answer = await fetch(...request);
    sent += 1;
    if (sent === 1) throw new TypeError("the answer was lost");
    return answer;
  };
  return { fetch: lossy, sent: () => sent };
}

async function filed() {
  const answer = await fetch(GIVEN.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${GIVEN.tokens.clerk}` },
    body: JSON.stringify({ query: "query @purpose(is: APPLICATION_HANDLING) { applications(first: 1) { totalCount } }" }),
  });
  return (await answer.json()).data.applications.totalCount;
}

/** Read with default settings, and say whether what is shown arrives. */
async function applicant(read, client) {
  const { data, error } = await read(client, "withheld", { id: GIVEN.person }).catch((lost) => ({ error: lost }));
  const shown = data?.subject?.name ? "data" : "no data";
  return error ? `${shown}, and an error` : `${shown}, no error`;
}

/**
 * Take the journeys of one client.
 *
 * @param make returns a client for options as `as` gives them
 * @param read reads a document by its name: `{ data, error }`, or it throws
 * @param twoPages reads two pages of cases, and returns the ids that the list then shows
 * @param press sends a mutation, by the name of its document; returns the member of the result union
 */
export async function takeJourneys({ make, read, twoPages, press }) {
  const handler = (more) => make(as("handler", { purpose: "DETERMINATION", ...more }));
  const clerk = (more) => make(as("clerk", { purpose: "APPLICATION_HANDLING", ...more }));

  await feature("a page and its next page", async () => counted(await twoPages(handler(), 2)));
  await feature("an object again, by its id", async () => {
    const { data } = await read(handler(), "again", { id: GIVEN.case.id });
    return data.node.number === GIVEN.case.number ? "the same case" : "another case";
  });
  await feature("a list of a subject, paged", async () => {
    const [client, ids] = [handler(), []];
    let after = null;
    do {
      const { data, error } = await read(client, "list-of-a-subject", { id: GIVEN.person, first: 1, after });
      if (error) throw error;
      const { edges, pageInfo } = data.subject.restraintCases;
      ids.push(...edges.map(({ node }) => node.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);
    return counted(ids);
  });
  await feature("a withheld field", async () => applicant(read, clerk()));
  await feature("a withheld field, reported in extensions", async () => applicant(read, clerk({ withheld: "extensions" })));
  await feature("an answer that was lost", async () => {
    const [before, losing] = [await filed(), losingFetch()];
    const { application } = await press(clerk({ fetch: losing.fetch }), "file-application", GIVEN.filing);
    if (!application.id) throw new Error("nothing was filed");
    return `sent ${losing.sent()} times, filed ${(await filed()) - before} time`;
  });
  await feature("a refusal", async () => {
    const { application } = await press(clerk(), "file-application", GIVEN.filing);
    const asked = { application: application.id, incentive: "GREEN_CHANNEL", helper: "helper-7" };
    const refused = await press(clerk(), "grant-incentive", asked);
    return `${refused.__typename} ${refused.code}${refused.wayOut ? ", with a way out" : ""}`;
  });
}

/**
 * Read the same cases for two purposes, and say whether the first shows what it showed before.
 *
 * @param read reads `as-determined` or `as-supervised` with a number of cases, from the store if it is there
 */
export async function twoPurposes(read, [first, second]) {
  const names = (data) => JSON.stringify(data.restraintCases.nodes.map(({ subject }) => subject.name));
  const before = names(await read("as-determined", first));
  const other = names(await read("as-supervised", second));
  if (before === other) return "mixed";
  return names(await read("as-determined", first)) === before ? "apart" : "mixed";
}

/** Say what an event of `access-recorded` shows. */
export const readIn = ({ accessRecorded: { nodes } }) => `the read of a ${nodes[0].actingRole.toLowerCase()}`;

/** Let a clerk read of the person again and again, until *arrives* has come; return what came. */
export async function whileRead(arrives) {
  let isOver = false;
  const came = arrives.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await fetch(GIVEN.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${GIVEN.tokens.clerk}` },
      body: JSON.stringify({ query: document("withheld"), variables: { id: GIVEN.person } }),
    });
    await Promise.race([came.catch(() => {}), new Promise((goOn) => setTimeout(goOn, 300))]);
  }
  return came;
}

/** Return the code by which an operation was refused, however its client says so. */
export const codeOf = (failed) =>
  (failed[0] ?? failed.graphQLErrors?.[0] ?? failed.errors?.[0] ?? failed).extensions?.code ?? `${failed}`;
