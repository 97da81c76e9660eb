// Apollo Client with the ids of the manifest that its tool wrote, as docs/front-end/apollo.md has it.
import { gql } from "@apollo/client";
import { byManifest } from "./apollo/by-manifest.mjs";
import { makeClient } from "./apollo/client.mjs";
import { readFileSync } from "node:fs";

const GIVEN = JSON.parse(process.env.CLIENTS);
const query = gql(readFileSync(new URL("documents/page.graphql", import.meta.url), "utf8"));
const sent = [];
const noting = (address, options) => {
  sent.push("query" in JSON.parse(options.body) ? "text" : "id");
  return fetch(address, options);
};
const client = makeClient({ url: GIVEN.url, token: () => GIVEN.tokens.handler, fetch: noting, link: byManifest });
const { data } = await client.query({ query, variables: { first: 2 } });
const seen = `${sent.join(", ")}: ${data.restraintCases.edges.length} cases`;
console.log(JSON.stringify({ feature: "a document by its id: a loaded one", seen }));
process.exit(0);
