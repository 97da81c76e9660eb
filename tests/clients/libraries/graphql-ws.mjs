// graphql-ws, as docs/front-end/subscriptions.md has it.
import { GIVEN, as, codeOf, document, feature, readIn, whileRead } from "./journeys.mjs";
import { watch } from "./subscriptions/latest.mjs";
import { makeSocket } from "./subscriptions/socket.mjs";

const query = document("access-recorded");
const read = (client) => new Promise((show, fail) => watch(client, query, (data) => show(readIn(data)), fail));

/** Let *use* use a client, which is gone afterwards. */
async function using(use, role = "person", more = {}) {
  const client = makeSocket(as(role, more));
  try {
    return await use(client);
  } finally {
    await client.dispose();
  }
}

await feature("a subscription over a WebSocket", () => using((client) => whileRead(read(client))));
await feature("two subscriptions on one WebSocket", () =>
  using(async (client) => {
    const [first, second] = await whileRead(Promise.all([read(client), read(client)]));
    return first === second ? `${first}, 2 times` : "something else";
  }),
);
await feature("a token that has to be replaced", async () => {
  const tokens = [GIVEN.expired, GIVEN.tokens.person];
  const token = () => tokens.shift();
  await using((client) => whileRead(read(client)), "person", { token });
  return tokens.length ? "connected with the first one" : "connected with the next one";
});
await feature("a subscription for another role", () =>
  using((client) => read(client).catch(codeOf), "clerk"),
);
