// GraphiQL with a bar above it: who asks (a persona, or who is logged in), in which role, and for what purpose.
// Nothing is kept in the browser: on a shared counter machine the next person must not find the last one's queries.
import { useEditorContext } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import './bar.css';

function memory() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
    clear: () => kept.clear(),
  };
}

async function ask(endpoint, identity, question) {
  const { headers: typed, ...options } = identity;
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json;q=0.9' };
  if (options.session) headers['X-CSRF-Token'] = options.session.csrfToken;
  else if (options.token) headers.Authorization = `Bearer ${options.token}`;
  if (!options.session && options.role) headers['Acting-Role'] = options.role;
  if (options.purpose) headers['Access-Purpose'] = options.purpose;
  const response = await fetch(endpoint, {
    method: 'POST', headers: { ...headers, ...typed }, credentials: options.session ? 'same-origin' : 'omit',
    body: JSON.stringify(question),
  });
  return response.json();
}

// The session of this browser; null without one. The server has the session, the page only the token for its header.
async function currentSession() {
  const response = await fetch('/session', { credentials: 'same-origin' });
  return response.ok ? (await response.json()).session : null;
}

function change(session, path, body) {
  return fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrfToken },
    credentials: 'same-origin', body: JSON.stringify(body),
  });
}

// Who is logged in, in which role, and the way out; or the way in.
function Login({ session, roles, onChange, onNotice }) {
  if (!session) return <a href="/login?back=/graphiql">登录 <span lang="en">Log in</span></a>;
  const act = async (role) => {
    const response = await change(session, '/session/role', { role });
    if (response.ok) onChange((await response.json()).session);
    else if (response.status === 401) onChange(null);
    onNotice(response.ok ? '' : '未能更换角色 Role not changed');
  };
  const leave = async () => {
    const response = await change(session, '/logout', {});
    if (response.ok) window.location.assign((await response.json()).next);
    else if (response.status === 401) onChange(null);
    else onNotice('未能退出登录 Not logged out');
  };
  return (
    <>
      <span>{session.account}</span>
      <Choice label="会话角色" english="role of the session" value={session.role ?? ''} onChange={act}>
        {!session.role && <option value="" disabled>请选择…</option>}
        {session.roles.map((each) => <option key={each} value={each}>{roles[each] ?? each}（{each}）</option>)}
      </Choice>
      <button type="button" onClick={leave}>退出 <span lang="en">Log out</span></button>
    </>
  );
}

// The editors live inside GraphiQL; this hands them out to the bar.
function Handle({ onReady }) {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  useEffect(() => {
    if (queryEditor && variableEditor) onReady({ queryEditor, variableEditor });
  }, [queryEditor, variableEditor, onReady]);
  return null;
}

function Choice({ label, english, value, onChange, children }) {
  return (
    <label title={english}>
      <span>{label}</span>
      <select aria-label={`${label} ${english}`} value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </label>
  );
}

function App({ config, begun }) {
  const [session, setSession] = useState(begun);
  const [persona, setPersona] = useState('');
  const [token, setToken] = useState('');
  const [role, setRole] = useState('');
  const [purpose, setPurpose] = useState('');
  const [notice, setNotice] = useState('');
  const editors = useRef(null);
  const [ready, setReady] = useState(false);
  const storage = useMemo(memory, []);
  const chosen = config.personas.find((each) => each.name === persona);
  const examples = chosen ? chosen.examples : config.examples;

  const identity = useRef({});
  identity.current = { session, token, role, purpose };
  const fetcher = useMemo(
    () => (question, options) => ask(config.endpoint, { ...identity.current, headers: options?.headers }, question),
    [config.endpoint],
  );
  const handOver = useMemo(() => (found) => { editors.current = found; setReady(true); }, []);

  const show = (example) => {
    if (!example || !editors.current) return;
    editors.current.queryEditor.setValue(example.query);
    editors.current.variableEditor.setValue(example.variables ? JSON.stringify(example.variables, null, 2) : '');
    setPurpose(example.purpose ?? '');
  };
  const latest = useRef('');
  const become = async (name) => {
    latest.current = name;
    setPersona(name);
    const next = config.personas.find((each) => each.name === name);
    setRole(next && next.roles.length > 1 ? next.roles[0] : '');
    setPurpose(next?.purpose ?? '');
    setToken('');
    setNotice('');
    if (!next) return;
    const response = await fetch(`/dev/token?persona=${encodeURIComponent(name)}`);
    const given = (await response.text()).trim();
    // A slow answer for a persona that is no longer chosen must not become the token of another.
    if (latest.current !== name) return;
    if (response.ok) setToken(given);
    else setNotice('无法取得演示令牌');
    show(next.examples[0]);
  };
  useEffect(() => {
    if (ready && config.personas.length && !begun) become(config.personas[0].name);
  }, [ready]);

  return (
    <div className="chengxin">
      <header className="chengxin-bar">
        <strong>诚信网关</strong>
        {config.login && <Login session={session} roles={config.roles} onChange={setSession} onNotice={setNotice} />}
        {session || (config.login && !config.demo) ? null : config.demo ? (
          <Choice label="演示身份" english="persona" value={persona} onChange={become}>
            <option value="">不带令牌（anonymous）</option>
            {config.personas.map((each) => <option key={each.name} value={each.name}>{each.title}（{each.name}）</option>)}
          </Choice>
        ) : (
          <label title="bearer token, kept in memory only">
            <span>令牌</span>
            <input type="password" autoComplete="off" aria-label="令牌 token" value={token}
              onChange={(event) => setToken(event.target.value.trim())} placeholder="仅保存在内存中" />
          </label>
        )}
        {!session && (config.demo || !config.login) && <Choice label="办理角色" english="Acting-Role" value={role} onChange={setRole}>
          <option value="">由令牌决定</option>
          {(chosen ? chosen.roles : config.demo ? [] : Object.keys(config.roles)).map((each) => (
            <option key={each} value={each}>{config.roles[each] ?? each}（{each}）</option>
          ))}
        </Choice>}
        <Choice label="查询目的" english="Access-Purpose" value={purpose} onChange={setPurpose}>
          <option value="">未说明</option>
          {config.purposes.map((each) => <option key={each.value} value={each.value}>{each.label}（{each.value}）</option>)}
        </Choice>
        {examples.length > 0 && (
          <Choice label="示例" english="examples" value="" onChange={(index) => show(examples[Number(index)])}>
            <option value="" disabled>选择示例…</option>
            {examples.map((each, index) => <option key={each.title} value={index}>{each.title}</option>)}
          </Choice>
        )}
        {notice && <em role="alert">{notice}</em>}
      </header>
      <GraphiQL fetcher={fetcher} storage={storage} shouldPersistHeaders={false} forcedTheme="light"
        defaultQuery={config.welcome} defaultEditorToolsVisibility="variables">
        <GraphiQL.Logo><span className="chengxin-logo">GraphiQL</span></GraphiQL.Logo>
        <GraphiQL.Footer><Handle onReady={handOver} /></GraphiQL.Footer>
      </GraphiQL>
    </div>
  );
}

const config = await fetch('/graphiql/config.json').then((response) => response.json());
const begun = config.login ? await currentSession() : null;
createRoot(document.getElementById('root')).render(<App config={config} begun={begun} />);
