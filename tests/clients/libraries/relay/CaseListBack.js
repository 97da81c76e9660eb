import { graphql } from "relay-runtime";

export const list = graphql`
  query CaseListBackQuery($count: Int!) {
    ...CaseListBack_cases @arguments(count: $count)
  }
`;

export const cases = graphql`
  fragment CaseListBack_cases on Query
  @refetchable(queryName: "CaseListBackPage")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    restraintCases(last: $count, before: $cursor, accessPurpose: DETERMINATION) @connection(key: "CaseListBack_restraintCases") {
      edges {
        node {
          id
        }
      }
    }
  }
`;
