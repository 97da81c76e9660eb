// Uses what is generated: it has to compile, and then to run at the gateway.
import { CaseAgainDocument, CasesPageDocument, FileApplicationDocument } from "./code-generation/src/gql/graphql";
import type { ApplicantQuery } from "./code-generation/src/gql/graphql";
import { makeClient } from "./code-generation/src/client";
import { makeClientById } from "./code-generation/src/by-id";
import { idOrReason } from "./code-generation/src/file";
// @ts-ignore -- the network layer is plain JavaScript
import { gatewayFetch, newKey } from "./network.mjs";

declare const process: { env: Record<string, string> };
const GIVEN = JSON.parse(process.env.CLIENTS ?? "{}");
const say = (feature: string, seen: string) => console.log(JSON.stringify({ feature, seen }));
const counted = (ids: string[]) => `${ids.length} cases, ${new Set(ids).size === ids.length ? "none twice" : "some twice"}`;
const as = (role: string) => makeClient(GIVEN.url, gatewayFetch({ token: () => GIVEN.tokens[role] }));

/** A field that may be withheld is typed so. */
export const nameOf = ({ subject }: ApplicantQuery): string | null | undefined => subject?.name;

const handler = as("handler");
const one = await handler(CasesPageDocument, { first: 2 });
const two = await handler(CasesPageDocument, { first: 2, after: one.restraintCases.pageInfo.endCursor });
const ids = [...one.restraintCases.edges, ...two.restraintCases.edges].map(({ node }) => node.id);
say("a page and its next page", counted(ids));

const byId = makeClientById(GIVEN.url, gatewayFetch({ token: () => GIVEN.tokens.handler }));
const { edges } = (await byId(CasesPageDocument, { first: 2 })).restraintCases;
say("trusted documents: a page by its id", counted(edges.map((edge) => edge.node.id)));

const { node } = await handler(CaseAgainDocument, { id: GIVEN.case.id });
const isSame = node?.__typename === "RestraintCase" && node.number === GIVEN.case.number;
say("an object again, by its id", isSame ? "the same case" : "another case");

const input = { ...GIVEN.filing, person: { ...GIVEN.filing.person, number: "1" }, idempotencyKey: newKey() };
say("a refusal", idOrReason(await as("clerk")(FileApplicationDocument, { input })).replace(/: .+/, ", with words"));
