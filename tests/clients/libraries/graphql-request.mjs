// graphql-request, which keeps no store: only the network layer of docs/front-end/network.md.
import { GraphQLClient } from "graphql-request";
import { document, takeJourneys } from "./journeys.mjs";
import { gatewayFetch, newKey } from "./network.mjs";

const make = ({ url, ...network }) => new GraphQLClient(url, { fetch: gatewayFetch(network) });
const read = async (client, name, variables) => ({ data: await client.request(document(name), variables) });

await takeJourneys({
  make,
  read,
  twoPages: async (client, first) => {
    const one = (await read(client, "page", { first })).data.restraintCases;
    const two = (await read(client, "page", { first, after: one.pageInfo.endCursor })).data.restraintCases;
    return [...one.edges, ...two.edges].map(({ node }) => node.id);
  },
  twoPagesBack: async (client, last) => {
    const one = (await read(client, "page-before", { last })).data.restraintCases;
    const two = (await read(client, "page-before", { last, before: one.pageInfo.startCursor })).data.restraintCases;
    return [...two.edges, ...one.edges].map(({ node }) => node.id);
  },
  press: async (client, name, input) => {
    const data = await client.request(document(name), { input: { idempotencyKey: newKey(), ...input } });
    return Object.values(data)[0];
  },
});
