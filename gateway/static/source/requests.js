// Sends one GraphQL request as whom the bar shows.
import { operationOf, parsed, statedPurpose } from './documents.js';

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

// The header goes along only where the document states no purpose: what stands in the document is never overruled.
export async function ask(endpoint, identity, question, { headers: typed, signal } = {}) {
  const { session, token, role, purpose } = identity;
  const operation = operationOf(parsed(question.query), question.operationName);
  const headers = { 'Content-Type': 'application/json', Accept: ACCEPT };
  const bearer = session ? null : await token;
  if (session) headers['X-CSRF-Token'] = session.csrfToken;
  else if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (!session && role) headers['Acting-Role'] = role;
  if (purpose && !statedPurpose(operation)) headers['Access-Purpose'] = purpose;
  const response = await fetch(endpoint, {
    method: 'POST', headers: { ...headers, ...typed }, credentials: session ? 'same-origin' : 'omit', signal,
    // GraphiQL may still have the name of an operation that was just renamed: the text counts.
    body: JSON.stringify({ ...question, operationName: operation ? operation.name?.value : question.operationName }),
  });
  return response.json();
}

export const codeOf = (answer) => answer?.errors?.[0]?.extensions?.code;
