// Relay's runtime with the artifacts of its compiler, as docs/front-end/relay.md has it.
import { register } from "node:module";
import relay from "relay-runtime";
import { GIVEN, as, counted, feature, takeJourneys, twoPurposes } from "./journeys.mjs";
import { newKey } from "./network.mjs";
import { makeEnvironment } from "./relay/src/environment.mjs";

const { createOperationDescriptor, fetchQuery, commitMutation, getRequest, getSelector } = relay;
// Artifacts name one another as bundlers find them.
register("./relay/as-bundlers.mjs", import.meta.url);
const artifact = async (name) => (await import(`./relay/src/__generated__/${name}.graphql`)).default;

async function list(environment, name, fragment, key, variables, find) {
  const query = await artifact(name);
  const data = await fetchQuery(environment, query, variables).toPromise();
  const shown = () => environment.lookup(getSelector(fragment, find(data))).data[key];
  return { shown, owner: createOperationDescriptor(getRequest(query), variables) };
}

async function allPages(environment, { shown }, page, { most, isBack = false, ...variables }) {
  const [more, end] = isBack ? ["hasPreviousPage", "startCursor"] : ["hasNextPage", "endCursor"];
  while (shown().pageInfo[more] && most > shown().edges.length) {
    await fetchQuery(environment, await artifact(page), { ...variables, cursor: shown().pageInfo[end] }).toPromise();
  }
  return shown().edges.map(({ node }) => node.id);
}

const READS = {
  again: async (environment, { id }) => {
    const data = await fetchQuery(environment, await artifact("CaseCardAgain"), { id }).toPromise();
    return { node: environment.lookup(getSelector(await artifact("CaseCard_case"), data.node)).data };
  },
  withheld: async (environment, variables) => fetchQuery(environment, await artifact("ApplicantQuery"), variables).toPromise(),
  "list-of-a-subject": async (environment, { id }) => {
    const fragment = await artifact("SubjectCases_cases");
    const shown = await list(environment, "SubjectCasesQuery", fragment, "restraintCases", { id, count: 1 }, (data) => data.subject);
    const ids = await allPages(environment, shown, "SubjectCasesPage", { id, count: 1, most: 9 });
    return { subject: { restraintCases: { edges: ids.map((each) => ({ node: { id: each } })), pageInfo: {} } } };
  },
};

async function twoPages(environment, first) {
  const cases = await artifact("CaseList_cases");
  const shown = await list(environment, "CaseListQuery", cases, "restraintCases", { count: first }, (data) => data);
  return allPages(environment, shown, "CaseListPage", { count: first, most: 2 * first });
}

async function twoPagesBack(environment, last) {
  const cases = await artifact("CaseListBack_cases");
  const shown = await list(environment, "CaseListBackQuery", cases, "restraintCases", { count: last }, (data) => data);
  return allPages(environment, shown, "CaseListBackPage", { count: last, most: 2 * last, isBack: true });
}

if (process.argv[2] === "by-id") {
  // Every document by its id, and no purpose beside it.
  await feature("trusted documents: a page and its next page", async () =>
    counted(await twoPages(makeEnvironment(as("handler")), 2)),
  );
  await feature("trusted documents: an object again", async () => {
    const { node } = await READS.again(makeEnvironment(as("handler")), GIVEN.case);
    return node.number === GIVEN.case.number ? "the same case" : "another case";
  });
  process.exit(0);
}

await takeJourneys({
  make: makeEnvironment,
  read: async (environment, name, variables) => ({ data: await READS[name](environment, variables) }),
  twoPages,
  twoPagesBack,
  press: async (environment, name, input) => {
    const mutation = await artifact({ "file-application": "FileButtonMutation", "grant-incentive": "GrantMutation" }[name]);
    return new Promise((onDone, onError) => {
      commitMutation(environment, {
        mutation,
        variables: { input: { idempotencyKey: newKey(), ...input } },
        onCompleted: (data) => onDone(Object.values(data)[0]),
        onError,
      });
    });
  },
});
await feature("the next page, the purpose at its root alone", async () => counted(await twoPages(makeEnvironment(as("handler")), 2)));
const TWO = { "as-determined": "TwoPurposesDeterminedQuery", "as-supervised": "TwoPurposesSupervisedQuery" };
await twoPurposes({ "at the root": () => makeEnvironment(as("head")) }, async (environment, name, first) =>
  fetchQuery(environment, await artifact(TWO[name]), { first }, { fetchPolicy: "store-or-network" }).toPromise(),
);
process.exit(0); // its store keeps a timer
