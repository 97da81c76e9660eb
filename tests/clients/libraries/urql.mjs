// urql with its normalised cache, as docs/front-end/urql.md has it.
import { as, codeOf, document, feature, readIn, takeJourneys, twoPurposes, whileRead } from "./journeys.mjs";
import { makeClient as makeSubscribing, makeStreamingClient } from "./subscriptions/urql.mjs";
import { press } from "./urql/buttons.mjs";
import { makeCache, makeClient } from "./urql/client.mjs";
import { twoPages } from "./urql/pages.mjs";

const read = (client, name, variables) => client.query(document(name), variables).toPromise();

await takeJourneys({
  make: makeClient,
  read,
  twoPages: (client, first) => twoPages(client, document("page"), first),
  press: (client, name, input) => press(client, document(name), input),
});
const reads = (makeFor) => async (name, first) => (await read(makeFor(name), name, { first })).data;
const head = () => makeClient(as("head", { cache: makeCache({}) }));
await feature("two purposes in one store: an object", () => {
  const client = head();
  return twoPurposes(reads(() => client), [5, 6]);
});
await feature("two purposes in one store: a list at the root", () => {
  const client = head();
  return twoPurposes(reads(() => client), [5, 5]);
});
await feature("two purposes with a store each", () => {
  const clients = { "as-determined": head(), "as-supervised": head() };
  return twoPurposes(reads((name) => clients[name]), [5, 5]);
});

/** Watch the reads of the own data; return the first. */
const firstRead = (client) =>
  new Promise((show, fail) => {
    const { unsubscribe } = client.subscription(document("access-recorded"), {}).subscribe(({ data, error }) => {
      if (!data && !error) return;
      if (error) fail(error);
      else show(readIn(data));
      setTimeout(() => unsubscribe());
    });
  });
await feature("a subscription over a WebSocket", () => whileRead(firstRead(makeSubscribing(as("person")))));
await feature("a subscription over an event stream", () => whileRead(firstRead(makeStreamingClient(as("person")))));
await feature("a subscription for another role", () =>
  firstRead(makeSubscribing(as("clerk"))).catch(codeOf),
);
process.exit();
