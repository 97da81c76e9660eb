import { graphql } from "relay-runtime";

export const grant = graphql`
  mutation GrantMutation($input: GrantIncentiveInput!) @purpose(is: APPLICATION_HANDLING) {
    grantIncentive(input: $input) {
      __typename
      ... on RefusalWithWayOut {
        wayOut
      }
      ... on Refusal {
        code
        message
      }
    }
  }
`;
