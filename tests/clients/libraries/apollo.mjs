// Apollo Client, as docs/front-end/apollo.md has it.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { inWords, press } from "./apollo/buttons.mjs";
import { makeClient, possibleTypes } from "./apollo/client.mjs";
import { twoPages, twoPagesBack } from "./apollo/pages.mjs";
import { persisted } from "./apollo/persisted.mjs";
import {
  GIVEN, as, codeOf, document, feature, persistedJourneys, readIn, takeJourneys, twoPurposes, whileRead,
} from "./journeys.mjs";
import { gatewayFetch } from "./network.mjs";
import { makeClient as makeSubscribing } from "./subscriptions/apollo.mjs";

const parsed = (name) => gql(document(name));
const read = (client, name, variables) => client.query({ query: parsed(name), variables });

if (process.argv[2] === "persisted") {
  await persistedJourneys({ make: (options) => makeClient({ link: persisted, ...options }), read }, "page", { first: 2 });
  process.exit(0);
}

await takeJourneys({
  make: makeClient,
  read,
  twoPages: (client, first) => twoPages(client, parsed("page"), first),
  twoPagesBack: (client, last) => twoPagesBack(client, parsed("page-before"), last),
  press: async (client, name, input) => {
    const result = await press(client, parsed(name), input);
    if ("code" in result && !inWords(result)) throw new Error("a refusal without words");
    return result;
  },
});
await twoPurposes(
  {
    "in the directive": () => {
      const { url, ...network } = as("head");
      const cache = new InMemoryCache({ possibleTypes });
      return new ApolloClient({ cache, link: new HttpLink({ uri: url, fetch: gatewayFetch(network) }) });
    },
    "at the root": () => makeClient(as("head")),
  },
  async (client, name, first) => (await read(client, name, { first })).data,
);
await feature("what is told of two selections of one object", async () => {
  const client = makeClient(as("handler"));
  const told = async (name) => (await read(client, name, { id: GIVEN.case.id })).data.node.disclosure.map(({ field }) => field);
  await told("case-number");
  await told("case-handler");
  return (await told("case-number")).filter((name) => ["number", "status", "handler"].includes(name)).join(", ");
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
