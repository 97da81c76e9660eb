// Apollo Client, as docs/front-end/apollo.md has it.
import { InMemoryCache, gql } from "@apollo/client";
import { inWords, press } from "./apollo/buttons.mjs";
import { makeClient, possibleTypes } from "./apollo/client.mjs";
import { twoPages } from "./apollo/pages.mjs";
import { as, codeOf, document, feature, readIn, takeJourneys, twoPurposes, whileRead } from "./journeys.mjs";
import { makeClient as makeSubscribing } from "./subscriptions/apollo.mjs";

const parsed = (name) => gql(document(name));
const read = (client, name, variables) => client.query({ query: parsed(name), variables });

await takeJourneys({
  make: makeClient,
  read,
  twoPages: (client, first) => twoPages(client, parsed("page"), first),
  press: async (client, name, input) => {
    const result = await press(client, parsed(name), input);
    if ("code" in result && !inWords(result)) throw new Error("a refusal without words");
    return result;
  },
});
const reads = (makeFor) => async (name, first) => (await read(makeFor(name), name, { first })).data;
const head = (cache) => makeClient(as("head", { cache }));
await feature("two purposes in one store: an object", () => {
  const client = head(new InMemoryCache({ possibleTypes }));
  return twoPurposes(reads(() => client), [5, 6]);
});
await feature("two purposes in one store: a list at the root", () => {
  const client = head(new InMemoryCache({ possibleTypes }));
  return twoPurposes(reads(() => client), [5, 5]);
});
await feature("two purposes with a store each", () => {
  const clients = { "as-determined": head(), "as-supervised": head() };
  return twoPurposes(reads((name) => clients[name]), [5, 5]);
});

/** Watch the reads of the own data; return the first. */
const firstRead = (client) =>
  new Promise((show, fail) => {
    const watching = client.subscribe({ query: parsed("access-recorded") }).subscribe({
      next: ({ data, error }) => {
        if (error) fail(error);
        else show(readIn(data));
        setTimeout(() => watching.unsubscribe());
      },
      error: fail,
    });
  });
await feature("a subscription over a WebSocket", () => whileRead(firstRead(makeSubscribing(as("person")))));
await feature("a subscription for another role", () =>
  firstRead(makeSubscribing(as("clerk"))).catch(codeOf),
);
process.exit();
