import { graphql } from "relay-runtime";

export const applicant = graphql`
  query ApplicantQuery($id: ID!) @purpose(is: APPLICATION_HANDLING) {
    subject(id: $id) {
      id
      name
      address
    }
  }
`;
