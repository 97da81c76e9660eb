// urql with its normalised cache, as docs/front-end/urql.md has it.
import { Client, fetchExchange } from "@urql/core";
import {
  as, codeOf, document, feature, persistedJourneys, readIn, takeJourneys, twoPurposes, whileRead,
} from "./journeys.mjs";
import { gatewayFetch } from "./network.mjs";
import { makeClient as makeSubscribing, makeStreamingClient } from "./subscriptions/urql.mjs";
import { press } from "./urql/buttons.mjs";
import { makeCache, makeClient } from "./urql/client.mjs";
import { manifestOf } from "./urql/manifest.mjs";
import { twoPages, twoPagesBack } from "./urql/pages.mjs";
import { onlyLoaded, persisted } from "./urql/persisted.mjs";

const read = (client, name, variables) => client.query(document(name), variables).toPromise();

if (process.argv[2] === "persisted") {
  await persistedJourneys({ make: (options) => makeClient({ exchanges: persisted, ...options }), read }, "page-before", { last: 2 });
  process.exit(0);
}
if (process.argv[2] === "loaded") {
  const make = (options) => makeClient({ exchanges: onlyLoaded, ...options });
  await persistedJourneys({ make, read }, "page-before", { last: 2 }, "loaded");
  process.exit(0);
}
if (process.argv[2] === "manifest") {
  console.log(JSON.stringify(manifestOf([document("page-before")])));
  process.exit(0);
}

await takeJourneys({
  make: makeClient,
  read,
  twoPages: (client, first) => twoPages(client, document("page"), first),
  twoPagesBack: (client, last) => twoPagesBack(client, document("page-before"), last),
  press: (client, name, input) => press(client, document(name), input),
});
await twoPurposes(
  {
    "in the directive": () => {
      const { url, ...network } = as("head");
      const exchanges = [makeCache({}), fetchExchange];
      return new Client({ url, exchanges, preferGetMethod: false, fetch: gatewayFetch(network) });
    },
    "at the root": () => makeClient(as("head", { cache: makeCache({}) })),
  },
  async (client, name, first) => (await read(client, name, { first })).data,
);

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
