// Lints the schema, and the documents of docs/examples/clients/ against it.
import graphql from "@graphql-eslint/eslint-plugin";

const { configs, parser } = graphql;

export default [
  {
    files: ["**/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: { parser, parserOptions: { graphQLConfig: { schema: "schema.graphql", documents: "documents/*.graphql" } } },
  },
  {
    files: ["schema.graphql"],
    rules: {
      ...configs["flat/schema-recommended"].rules,
      ...configs["flat/schema-relay"].rules,
      // Pages, refusals, payloads and deadlines are parts of other objects: they have no id.
      "@graphql-eslint/strict-id-in-types": "off",
      // A connection has `nodes` beside its edges, and there are lists of plain values. A task and a change of a target
      // are read off other records: they have no id.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // `Commitment.commitmentRef` is the reference of the paper that is called so, and no prefix.
      "@graphql-eslint/no-typename-prefix": "off",
    },
  },
  { files: ["documents/*.graphql"], rules: configs["flat/operations-recommended"].rules },
];
