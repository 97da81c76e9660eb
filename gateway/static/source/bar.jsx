// The bar: who asks (a persona, or who is logged in), in which role, for what purpose, and the examples.
import { Bilingual } from './bilingual.jsx';
import { change, loginAddress } from './session.js';

export function Choice({ label, english, value, onChange, disabled, children }) {
  return (
    <label>
      <span>{label} <span lang="en">{english}</span></span>
      <select value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>{children}</select>
    </label>
  );
}

const named = (labels, value) => `${labels[value] ?? value}（${value}）`;

// Who is logged in, in which role, and the way out; or the way in.
function Login({ session, roles, onChange, onEnded, onNotice }) {
  if (!session) return <a href={loginAddress()}><Bilingual zh="登录" en="Log in" /></a>;
  const act = async (role) => {
    const response = await change(session, '/session/role', { role });
    if (response.ok) onChange((await response.json()).session);
    else if (response.status === 401) onEnded();
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
      <span className="account">{session.account}</span>
      <Choice label="会话角色" english="role" value={session.role ?? ''} onChange={act}>
        {!session.role && <option value="" disabled>请选择…</option>}
        {session.roles.map((each) => <option key={each} value={each}>{named(roles, each)}</option>)}
      </Choice>
      <button type="button" onClick={leave}><Bilingual zh="退出" en="Log out" /></button>
    </>
  );
}

// What the document states counts, and only there it is changed: the picker then shows it and leads to it.
function PurposeChoice({ purposes, purpose, stated, onChange, onShowStated }) {
  const options = purposes.map(({ value, label }) => <option key={value} value={value}>{label}（{value}）</option>);
  if (!stated) {
    return (
      <Choice label="查询目的" english="purpose" value={purpose} onChange={onChange}>
        <option value="">未说明（none）</option>
        {options}
      </Choice>
    );
  }
  return (
    <span className="stated">
      <Choice label="查询目的" english="purpose" value={stated.value} disabled>
        {options}
        {!purposes.some(({ value }) => value === stated.value) && <option value={stated.value}>{stated.value}</option>}
      </Choice>
      <button type="button" onClick={onShowStated}>
        <Bilingual zh="文档已写明，到文档中更改" en="stated in the document: change it there" />
      </button>
    </span>
  );
}

export function Bar({ config, who, actions, stated, notice }) {
  const { session, persona, role, purpose, token } = who;
  const chosen = config.personas.find((each) => each.name === persona);
  const examples = !session && chosen ? chosen.examples : config.examples;
  const hasToken = !session && (config.demo || !config.login);
  const roles = chosen ? chosen.roles : config.demo ? [] : Object.keys(config.roles);
  return (
    <header className="bar">
      <h1><a href={config.demo ? '/' : '/graphiql'}>诚信网关</a></h1>
      {config.login && (
        <Login session={session} roles={config.roles} onChange={actions.setSession} onEnded={actions.onEnded}
          onNotice={actions.setNotice} />
      )}
      {hasToken && config.demo && (
        <Choice label="演示身份" english="persona" value={persona} onChange={actions.become}>
          <option value="">不带令牌（anonymous）</option>
          {config.personas.map((each) => <option key={each.name} value={each.name}>{each.title}（{each.name}）</option>)}
        </Choice>
      )}
      {hasToken && !config.demo && (
        <label>
          <span>令牌 <span lang="en">token</span></span>
          <input type="password" autoComplete="off" value={token} placeholder="仅保存在内存中"
            onChange={(event) => actions.setToken(event.target.value.trim())} />
        </label>
      )}
      {hasToken && (
        <Choice label="办理角色" english="role" value={role} onChange={actions.setRole}>
          <option value="">由令牌决定（by the token）</option>
          {roles.map((each) => <option key={each} value={each}>{named(config.roles, each)}</option>)}
        </Choice>
      )}
      <PurposeChoice purposes={config.purposes} purpose={purpose} stated={stated} onChange={actions.setPurpose}
        onShowStated={actions.showStated} />
      {examples.length > 0 && (
        <Choice label="示例" english="examples" value="" onChange={(index) => actions.show(examples[Number(index)])}>
          <option value="" disabled>选择示例…</option>
          {examples.map((each, index) => <option key={each.title} value={index}>{each.title}</option>)}
        </Choice>
      )}
      <p role="status">{notice}</p>
    </header>
  );
}
