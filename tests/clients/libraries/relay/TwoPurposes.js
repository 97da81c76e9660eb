import { graphql } from "relay-runtime";

export const determined = graphql`
  query TwoPurposesDeterminedQuery($first: Int!) {
    restraintCases(first: $first, accessPurpose: DETERMINATION) {
      nodes {
        id
        subject {
          id
          name
        }
      }
    }
  }
`;

export const supervised = graphql`
  query TwoPurposesSupervisedQuery($first: Int!) {
    restraintCases(first: $first, accessPurpose: SUPERVISION) {
      nodes {
        id
        subject {
          id
          name
        }
      }
    }
  }
`;
