import { graphql } from "relay-runtime";

export const subject = graphql`
  query SubjectCasesQuery($id: ID!, $count: Int!) @purpose(is: DETERMINATION) {
    subject(id: $id) {
      ...SubjectCases_cases @arguments(count: $count)
    }
  }
`;

export const cases = graphql`
  fragment SubjectCases_cases on Subject
  @refetchable(queryName: "SubjectCasesPage")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }) {
    restraintCases(first: $count, after: $cursor) @connection(key: "SubjectCases_restraintCases") {
      edges {
        node {
          id
        }
      }
    }
  }
`;
