"""The documents that front-ends send in these journeys."""

CHECK = """
query Check($number: String!, $kind: IdentifierKind = ID_NUMBER) @purpose(is: CREDIT_CHECK) {
  subjectByIdentifier(kind: $kind, number: $number) { id name identifier phone isRestrained }
}
"""
REGISTER = """
mutation Register($input: RegisterSubjectInput!) @purpose(is: APPLICATION_HANDLING) {
  registerSubject(input: $input) {
    __typename ... on SubjectRegistered { subjectId } ... on NotWellFormed { code problems { field code } }
  }
}
"""
REQUEST = """
mutation Request($input: RequestAuthorisationInput!) @purpose(is: CREDIT_CHECK) {
  requestAuthorisation(input: $input) {
    __typename ... on AuthorisationChanged { authorisation { id status scope expiresOn usesLeft } }
    ... on Refusal { code }
  }
}
"""
CONSULT = REQUEST.replace("CREDIT_CHECK", "CONSULTATION")
PAPER = REQUEST.replace("RequestAuthorisationInput", "RecordPaperAuthorisationInput").replace(
    "requestAuthorisation", "recordPaperAuthorisation"
)
MINE = """
query Mine @purpose(is: SELF_ACCESS) {
  myAuthorisations(first: 5) {
    nodes { id status purpose recipient { name } scope expiresOn usesLeft isOnPaper paperEvidence }
  }
}
"""
LOG = """
query Log($purpose: Purpose) @purpose(is: SELF_ACCESS) {
  myAccessLog(first: 20, purpose: $purpose) {
    nodes { actor role department { code } purpose basis citation fieldsShown { field dataClass form } }
  }
}
"""


def answering(verb: str, input_type: str = "AuthorisationInput") -> str:
    """Give the document by which a subject or its delegate answers: grant, refuse, narrow, withdraw, contest."""
    return f"""
mutation Answer($input: {input_type}!) @purpose(is: SELF_ACCESS) {{
  {verb}Authorisation(input: $input) {{
    __typename ... on AuthorisationChanged {{ authorisation {{ id status scope usesLeft }} }} ... on Refusal {{ code }}
  }}
}}
"""


GRANT = answering("grant", "GrantAuthorisationInput")
NARROW = answering("narrow", "NarrowAuthorisationInput")
REFUSE, WITHDRAW, CONTEST = answering("refuse"), answering("withdraw"), answering("contest")
