// The session of this browser, and the one way to a login that GraphiQL takes by itself.
// Nothing stays in the browser: on a shared counter machine the next person must not find the last one's queries. Only
// across a login the text goes along, in this tab, for its account and for as long as an attempt lasts, and is removed
// when it is read.

const DRAFT = 'chengxin-draft';
const SENT = 'chengxin-sent-to-login';
const ATTEMPT_LASTS = 10 * 60 * 1000;

// The session, or null without one; rejects where the server does not say. The server has the session, the page only
// the token for its header.
export async function currentSession() {
  const response = await fetch('/session', { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`/session: ${response.status}`);
  return (await response.json()).session;
}

export function change(session, path, body) {
  return fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrfToken },
    credentials: 'same-origin', body: JSON.stringify(body),
  });
}

export function loginAddress() {
  return `/login?back=${encodeURIComponent(window.location.pathname)}`;
}

// Goes to the login with what *typed* gives, once: false if a login was tried and no request was answered since.
export function goToLogin(session, typed) {
  if (sessionStorage.getItem(SENT)) return false;
  sessionStorage.setItem(SENT, '1');
  const keep = () => sessionStorage.setItem(DRAFT, JSON.stringify({ ...typed(), account: session.account, at: Date.now() }));
  keep();
  window.addEventListener('pagehide', keep); // what is typed until the page is left
  window.location.assign(loginAddress());
  return true;
}

// A request was answered in a session: when that session ends, there may be another login.
export function sessionIsGood() {
  sessionStorage.removeItem(SENT);
}

// What was typed before the login, if the same account came back in time; else it is gone.
export function takeDraft(session) {
  const found = sessionStorage.getItem(DRAFT);
  if (found === null) return null;
  const { account, at, ...typed } = JSON.parse(found);
  const inTime = Date.now() - at < ATTEMPT_LASTS;
  if (session || !inTime) sessionStorage.removeItem(DRAFT);
  return session?.account === account && inTime ? typed : null;
}
