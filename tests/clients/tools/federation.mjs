// Compose the gateway's subgraph with a small one that refers to its objects, run a router before both, and ask it.
import { readFileSync } from "node:fs";
import compositions from "@apollo/composition";
import gateways from "@apollo/gateway";
import { buildASTSchema, execute, parse } from "graphql";

const GIVEN = JSON.parse(process.env.CLIENTS);
const OTHER = `
  type Query { visits: [Visit!]! }
  type Visit { case: RestraintCase! subject: Subject! pageInfo: PageInfo! }
  type RestraintCase @key(fields: "id") { id: ID! visits: Int! }
  type Subject @key(fields: "canonicalId") @interfaceObject { canonicalId: ID visits: Int! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;
const IMPORTS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@interfaceObject", "@shareable"])
`;
const ASKED_BY_A_ROUTER = `
  scalar _Any
  union _Entity = RestraintCase | Subject
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
`;

/** The other subgraph, in this process. It knows ids, and nothing that they stand for. */
const others = buildASTSchema(parse(OTHER + ASKED_BY_A_ROUTER), { assumeValidSDL: true });
const rootValue = {
  visits: [{ case: { id: GIVEN.case.id, visits: 3 }, subject: { canonicalId: GIVEN.person, visits: 1 } }],
  _entities: ({ representations }) => representations.map((each) => ({ ...each, visits: 3 })),
};

/** Our subgraph: the router sends on who asks, and what for. */
class Credit extends gateways.RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    if (!context.token) return;
    request.http.headers.set("authorization", `Bearer ${context.token}`);
    if (context.purpose) request.http.headers.set("access-purpose", context.purpose);
  }
}

const say = (feature, seen) => console.log(JSON.stringify({ feature, seen }));
const composed = compositions.composeServices([
  { name: "credit", url: GIVEN.url, typeDefs: parse(readFileSync("federated.graphql", "utf8")) },
  { name: "visits", url: "http://127.0.0.1:1/", typeDefs: parse(IMPORTS + OTHER) },
]);
if (composed.errors) throw new Error(composed.errors.map((error) => error.message).join("\n"));
say("composition with another subgraph", "no errors");

const router = new gateways.ApolloGateway({
  supergraphSdl: composed.supergraphSdl,
  buildService: ({ name, url }) =>
    name === "credit"
      ? new Credit({ url })
      : {
          process: async ({ request: { query, variables } }) =>
            execute({ schema: others, document: parse(query), rootValue, variableValues: variables }),
        },
});
const { executor } = await router.load();

let asked = 0;
async function ask(query, role, purpose) {
  asked += 1;
  return executor({
    document: parse(query),
    request: { query, variables: {} },
    queryHash: String(asked),
    context: { token: GIVEN.tokens[role], purpose },
    metrics: {},
    cache: new Map(),
    logger: console,
  });
}

const codes = ({ errors = [] }) => [...new Set(errors.map((error) => error.extensions?.code))].join(" ");
const CASE = "{ visits { case { number visits } } }";
const seen = await ask(CASE, "handler", "DETERMINATION");
if (!seen.data) throw new Error(JSON.stringify(seen));
const shown = seen.data.visits[0].case;
say("our object in their list", shown.number === GIVEN.case.number && shown.visits === 3 ? "the same case" : JSON.stringify(seen));

const PERSON = "{ visits { subject { __typename visits ... on NaturalPerson { name } } } }";
const { subject } = (await ask(PERSON, "handler", "DETERMINATION")).data.visits[0];
say("our interface in their list", `${subject.__typename}, ${subject.name ? "with its name" : "without name"}`);

const PAGE = "{ restraintCases(first: 2) { nodes { number visits } } }";
const { nodes } = (await ask(PAGE, "handler", "DETERMINATION")).data.restraintCases;
say("their field in our list", `${nodes.filter((node) => node.visits === 3).length} of ${nodes.length} cases`);

const STATED = PAGE.replace("first: 2", "first: 2, accessPurpose: DETERMINATION").replace(" visits", "");
const stated = (await ask(STATED, "handler")).data?.restraintCases.nodes ?? [];
say("a list with its purpose as an argument", `${stated.length} cases`);

say("extensions of our answers", seen.extensions?.record ? "passed on" : "dropped by the router");
say("without a purpose", codes(await ask(CASE, "handler")));
say("a list on consent", codes(await ask(CASE, "clerk", "CREDIT_CHECK")));
const sdl = await fetch(GIVEN.url, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ query: "{ _service { sdl } }" }),
});
const service = (await sdl.json()).data._service;
say("the schema as the router asks for it", service.sdl === readFileSync("federated.graphql", "utf8") ? "the same" : "another");
await router.stop();
