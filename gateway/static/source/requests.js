// Sends GraphQL requests as whom the bar shows: one answer, or the events of a subscription.
import { OperationTypeNode } from 'graphql';
import { operationOf, parsed, statedPurpose } from './documents.js';

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';
const EVENTS = 'text/event-stream';
const ACCEPT_EVENTS = `${EVENTS}, application/graphql-response+json;q=0.9`; // a refusal may come as one answer

// Whether the operation that would run is a subscription.
export function isSubscription(question) {
  return operationOf(parsed(question.query), question.operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
}

export async function ask(endpoint, identity, question, options) {
  const response = await send(endpoint, identity, question, ACCEPT, options);
  return response.json();
}

// The answers of a subscription, one after another. `return` ends it at the server, too.
export function listen(endpoint, identity, question, { headers } = {}) {
  const stop = new AbortController();
  const answers = read(() => send(endpoint, identity, question, ACCEPT_EVENTS, { headers, signal: stop.signal }));
  return {
    [Symbol.asyncIterator]() { return this; },
    next: () => answers.next().catch((error) => {
      if (!stop.signal.aborted) throw error;
      return { done: true, value: undefined };
    }),
    return: async () => {
      stop.abort();
      return { done: true, value: undefined };
    },
  };
}

async function* read(begin) {
  const response = await begin();
  if (!response.headers.get('content-type')?.startsWith(EVENTS)) { // refused before it began
    yield await response.json();
    return;
  }
  let text = '';
  for await (const piece of pieces(response.body.pipeThrough(new TextDecoderStream()))) {
    const events = (text + piece).split('\n\n');
    text = events.pop();
    for (const event of events) {
      const lines = event.split('\n').map((line) => line.split(/: ?(.*)/s));
      const value = (name) => lines.filter(([key]) => key === name).map(([, found]) => found ?? '').join('\n');
      if (value('event') === 'complete') return;
      if (value('event') === 'next') yield JSON.parse(value('data'));
    }
  }
}

async function* pieces(stream) { // not every browser iterates over a stream
  const reader = stream.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value;
}

// The header goes along only where the document states no purpose: what stands in the document is never overruled.
async function send(endpoint, identity, question, accept, { headers: typed, signal } = {}) {
  const { session, token, role, purpose } = identity;
  const operation = operationOf(parsed(question.query), question.operationName);
  const headers = { 'Content-Type': 'application/json', Accept: accept };
  const bearer = session ? null : await token;
  if (session) headers['X-CSRF-Token'] = session.csrfToken;
  else if (bearer) headers.Authorization = `Bearer ${bearer}`;
  if (!session && role) headers['Acting-Role'] = role;
  if (purpose && !statedPurpose(operation)) headers['Access-Purpose'] = purpose;
  return fetch(endpoint, {
    method: 'POST', headers: { ...headers, ...typed }, credentials: session ? 'same-origin' : 'omit', signal,
    // GraphiQL may still have the name of an operation that was just renamed: the text counts.
    body: JSON.stringify({ ...question, operationName: operation ? operation.name?.value : question.operationName }),
  });
}

export const codeOf = (answer) => answer?.errors?.[0]?.extensions?.code;
