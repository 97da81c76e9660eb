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

/** Return a `fetch` that notes in which form each document was sent: by its id, by its text, or by both. */
export function notingFetch() {
  const noted = [];
  const noting = (address, options) => {
    const { query, documentId, extensions } = JSON.parse(options.body);
    noted.push([(documentId ?? extensions?.persistedQuery) && "id", query && "text"].filter(Boolean).join(" with "));
    return fetch(address, options);
  };
  return { fetch: noting, sent: () => noted.splice(0).join(", ") };
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

/** Ask without a client. */
async function ask(role, query) {
  const answer = await fetch(GIVEN.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${GIVEN.tokens[role]}` },
    body: JSON.stringify({ query }),
  });
  return (await answer.json()).data;
}

async function filed() {
  return (await ask("clerk", "{ applications(first: 1, accessPurpose: APPLICATION_HANDLING) { totalCount } }")).applications.totalCount;
}

async function caseIds(role, page) {
  const { restraintCases } = await ask(role, `{ restraintCases(${page}, accessPurpose: DETERMINATION) { nodes { id } } }`);
  return restraintCases.nodes.map(({ id }) => id);
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
 * @param twoPagesBack reads the last page and the one before it, with the document `page-before`
 * @param press sends a mutation, by the name of its document; returns the member of the result union
 */
export async function takeJourneys({ make, read, twoPages, twoPagesBack, press }) {
  const handler = (more) => make(as("handler", { purpose: "DETERMINATION", ...more }));
  const clerk = (more) => make(as("clerk", { purpose: "APPLICATION_HANDLING", ...more }));

  await feature("a page and its next page", async () => counted(await twoPages(handler(), 2)));
  await feature("the last page and the one before it", async () => {
    const ids = await twoPagesBack(handler(), 2);
    const whole = await caseIds("handler", "last: 4");
    return `${counted(ids)}, ${ids.join() === whole.join() ? "in order" : "out of order"}`;
  });
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
 * Read the same cases for two purposes into one store, and say whether the first shows what it showed before.
 *
 * @param stores makes a client with one store, by where its documents state the purpose
 * @param read reads `as-determined` or `as-supervised` with a number of cases, from the store if it is there
 */
export async function twoPurposes(stores, read) {
  const names = (data) => JSON.stringify(data.restraintCases.nodes.map(({ subject }) => subject.name));
  for (const [where, make] of Object.entries(stores)) {
    for (const [what, second] of Object.entries({ object: 6, list: 5 })) {
      await feature(`two purposes in one store, the purpose ${where}: ${what === "list" ? "a list" : "an object"}`, async () => {
        const client = make();
        const before = names(await read(client, "as-determined", 5));
        const other = names(await read(client, "as-supervised", second));
        return before !== other && names(await read(client, "as-determined", 5)) === before ? "apart" : "mixed";
      });
    }
  }
}

/** Read the document *name* by its id: one that nobody has loaded, and the same again; or one that was *loaded*. */
export async function persistedJourneys({ make, read }, name, variables, loaded) {
  const sent = notingFetch();
  const cases = async () => {
    const client = make(as("handler", { fetch: sent.fetch }));
    const { data, error } = await read(client, name, variables).catch((lost) => ({ error: lost }));
    const [refused] = error?.graphQLErrors ?? error?.errors ?? [];
    return `${sent.sent()}: ${refused ? refused.extensions.code : `${data.restraintCases.edges.length} cases`}`;
  };
  if (loaded) {
    await feature("a document by its id: a loaded one", cases);
    return;
  }
  await feature("a document by its id: a new one", cases);
  await feature("a document by its id: the same again", cases);
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
