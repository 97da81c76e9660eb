// graphql-sse in both modes, as docs/front-end/subscriptions.md has it.
import { as, codeOf, document, feature, readIn, whileRead } from "./journeys.mjs";
import { makeEvents } from "./subscriptions/events.mjs";
import { watch } from "./subscriptions/latest.mjs";

const query = document("access-recorded");
const read = (client) => new Promise((show, fail) => watch(client, query, (data) => show(readIn(data)), fail));

/** Let *use* use a client, which is gone afterwards. */
async function using(use, role = "person", more = {}) {
  const client = makeEvents(as(role, more));
  try {
    return await use(client);
  } finally {
    client.dispose();
  }
}

await feature("a subscription over an event stream", () => using((client) => whileRead(read(client))));
await feature("subscriptions over one event stream", () =>
  using(
    async (client) => {
      const [first, second] = await whileRead(Promise.all([read(client), read(client)]));
      return first === second ? `${first}, 2 times` : "something else";
    },
    "person",
    { singleConnection: true },
  ),
);
await feature("a subscription for another role", () => using((client) => read(client).catch(codeOf), "clerk"));
