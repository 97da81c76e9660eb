// GraphiQL with a bar above it, which says who asks and for what, and a panel beside it, which shows what they may see.
import { pick, useGraphiQL, useMonaco } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { AccessPanel, useText } from './access_panel.jsx';
import { Bar } from './bar.jsx';
import { operationOf, parsed, statedPurpose } from './documents.js';
import './page.css';
import { ask, codeOf, isSubscription, listen } from './requests.js';
import { currentSession, goToLogin, sessionIsGood, takeDraft } from './session.js';

const LOOK = {
  fontFamily: 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace', fontSize: 14,
  unicodeHighlight: { ambiguousCharacters: false }, // the brackets of Chinese texts are meant
};
const LABELS = {
  queryEditor: '查询文档 GraphQL document', variableEditor: '变量 variables', headerEditor: '请求头 headers',
  responseEditor: '回答 answer',
};
const EDITORS = Object.keys(LABELS);
// What Escape closes first.
const OPEN_WIDGETS = [
  'suggestWidgetVisible', 'findWidgetVisible', 'parameterHintsVisible', 'editorHoverVisible', 'hasSnippetCompletions',
  'renameInputVisible', 'inSnippetMode', 'editorHasMultipleSelections', 'accessibilityHelpWidgetVisible',
];

// GraphiQL's light theme with what has too little contrast made darker.
const THEME = {
  base: 'vs', inherit: true,
  colors: { 'editor.background': '#ffffff00', 'editorLineNumber.foreground': '#4a6076', focusBorder: '#0b5cad' },
  rules: [{ token: 'argument.identifier.gql', foreground: '5a55c0' }, { token: 'annotation', foreground: '5b5b5b' }, { token: 'number', foreground: '066042' }],
};

globalThis.MonacoEnvironment = {
  getWorker(_, label) {
    const kind = { graphql: '', json: '-json' }[label] ?? '-editor';
    return new Worker(`/static/graphiql-worker${kind}.js`, { type: 'module', name: label });
  },
};

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

async function personaToken(name) {
  const response = await fetch(`/dev/token?persona=${encodeURIComponent(name)}`);
  if (!response.ok) throw new Error('no token of the demo');
  return (await response.text()).trim();
}

// Inside an editor Tab indents, so another key has to lead out: one tabs to its frame, enters by Enter, leaves by Escape.
function nameAndLeave(monaco, editor, label) {
  const frame = editor.getContainerDomNode();
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', `${label}（Enter 进入，Esc 离开 Enter to edit, Esc to leave）`);
  editor.updateOptions({ ariaLabel: label });
  editor.addAction({
    id: 'leave-editor', label: '离开编辑器 Leave the editor', keybindings: [monaco.KeyCode.Escape],
    precondition: OPEN_WIDGETS.map((name) => `!${name}`).join(' && '), run: () => frame.focus(),
  });
}

// The editors live inside GraphiQL; this hands them out, with the purpose that the chosen operation states.
function EditorLink({ onReady, onStated }) {
  const found = useGraphiQL(pick(...EDITORS, 'operationName'));
  const text = useText(found.queryEditor);
  const monaco = useMonaco((state) => state.monaco);
  const isReady = EDITORS.every((name) => found[name]);
  useEffect(() => {
    if (!isReady) return;
    monaco.editor.defineTheme('graphiql-LIGHT', THEME);
    for (const name of EDITORS) found[name].updateOptions(LOOK);
    found.queryEditor.updateOptions({ wordWrap: 'on' });
    for (const name of EDITORS) nameAndLeave(monaco, found[name], LABELS[name]);
    onReady(found);
  }, [isReady]);
  useEffect(() => {
    const document = parsed(text);
    // While the text is not complete, what it stated a moment ago stays.
    if (document || !text.trim()) onStated(statedPurpose(operationOf(document, found.operationName)));
  }, [text, found.operationName, onStated]);
  return null;
}

// What the address names: an example of the start page, or a persona. Nothing else comes from an address.
function opened(config) {
  const [, kind, word] = window.location.pathname.match(/^\/graphiql\/(try|as)\/([a-z-]+)$/) ?? [];
  if (kind === 'try') return config.steps.find((each) => each.word === word) ?? null;
  const persona = config.personas.find((each) => each.name === word);
  return persona ? { persona: persona.name, example: persona.examples[0] } : null;
}

function App({ config, begun, link }) {
  const [session, setSession] = useState(begun);
  const [persona, setPersona] = useState('');
  const [token, setToken] = useState('');
  const [role, setRole] = useState('');
  const [purpose, setPurpose] = useState('');
  const [stated, setStated] = useState(null);
  const [notice, setNotice] = useState('');
  const editors = useRef(null);
  const storage = useMemo(memory, []);

  const who = useMemo(() => ({ session, token, role, purpose }), [session, token, role, purpose]);
  const identity = useRef(who);
  identity.current = who;

  const onEnded = useCallback(() => {
    const ended = identity.current.session;
    if (!ended) return;
    const typed = () => ({
      query: editors.current?.queryEditor.getValue() ?? '', variables: editors.current?.variableEditor.getValue() ?? '',
      purpose: identity.current.purpose,
    });
    if (!config.demo && goToLogin(ended, typed)) return;
    setSession(null);
    setNotice('登录会话已结束。The session is over.');
  }, [config]);
  const noted = useCallback((asking, answer) => {
    if (asking.session && codeOf(answer) === 'SESSION_ENDED') onEnded();
    else if (asking.session) sessionIsGood();
    return answer;
  }, [onEnded]);
  const send = useCallback(async (question, options) => {
    const asking = identity.current;
    return noted(asking, await ask(config.endpoint, asking, question, options));
  }, [config, noted]);
  const watch = useCallback((question, options) => {
    const asking = identity.current;
    const answers = listen(config.endpoint, asking, question, options);
    const next = async () => {
      const found = await answers.next();
      if (!found.done) noted(asking, found.value);
      return found;
    };
    return { [Symbol.asyncIterator]() { return this; }, next, return: answers.return };
  }, [config, noted]);
  const fetcher = useCallback((question, options) => {
    if (question.operationName !== 'IntrospectionQuery') setNotice('');
    const way = isSubscription(question) ? watch : send;
    return way(question, { headers: options?.headers });
  }, [send, watch]);
  const explain = useCallback((question, signal) => send(question, { signal }), [send]);

  useEffect(() => {
    // A session may end, or get another role, on another page.
    const look = async () => {
      if (document.visibilityState !== 'visible' || !identity.current.session) return;
      const found = await currentSession().catch(() => undefined); // not told: nothing has changed
      if (found) setSession(found);
      else if (found === null) onEnded();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [onEnded]);

  // The menu of examples and links alone put another text into the editors.
  const put = ({ query, variables }) => {
    editors.current.variableEditor.setValue(variables);
    editors.current.queryEditor.setValue(query);
  };
  const show = (example) => {
    put({ query: example.query, variables: example.variables ? JSON.stringify(example.variables, null, 2) : '' });
    setPurpose(example.purpose ?? '');
  };
  const become = (name) => {
    const next = config.personas.find((each) => each.name === name);
    setPersona(name);
    setRole(next && next.roles.length > 1 ? next.roles[0] : '');
    setPurpose(next?.purpose ?? '');
    setNotice('');
    const coming = next ? personaToken(name) : '';
    // A request waits for the token of its own persona, however fast another one is chosen.
    if (next) coming.catch(() => setNotice('无法取得演示令牌 No token of the demo'));
    setToken(coming);
    return next;
  };
  const showStated = () => {
    const { queryEditor } = editors.current;
    const model = queryEditor.getModel();
    const [from, to] = [stated.start, stated.end].map((offset) => model.getPositionAt(offset));
    queryEditor.setSelection({
      startLineNumber: from.lineNumber, startColumn: from.column, endLineNumber: to.lineNumber, endColumn: to.column,
    });
    queryEditor.revealLineInCenterIfOutsideViewport(from.lineNumber);
    queryEditor.focus();
  };
  const onReady = useCallback((found) => {
    editors.current = found;
    document.querySelector('.graphiql-container')?.setAttribute('lang', 'en');
    const draft = takeDraft(begun);
    if (draft) {
      put(draft);
      setPurpose(draft.purpose);
    } else if (link) {
      become(link.persona ?? '');
      show(link.example);
      setNotice('已载入，按 ▶ 运行。Loaded: press ▶ to run it.');
      // Enter runs it then; on a phone a finger does, and the button's tip would only cover the text.
      if (window.matchMedia('(hover: hover)').matches) document.querySelector('.graphiql-execute-button')?.focus();
    } else if (config.personas.length && !begun) show(become(config.personas[0].name).examples[0]);
  }, []);

  const actions = { setSession, onEnded, setNotice, become, setToken, setRole, setPurpose, showStated, show };
  return (
    <>
      <Bar config={config} who={{ session, persona, role, purpose, token }} actions={actions} stated={stated} notice={notice} />
      <main>
        <GraphiQL fetcher={fetcher} storage={storage} shouldPersistHeaders={false} forcedTheme="light"
          defaultQuery={config.welcome} defaultEditorToolsVisibility="variables">
          <GraphiQL.Logo><span>GraphiQL</span></GraphiQL.Logo>
          <EditorLink onReady={onReady} onStated={setStated} />
          <AccessPanel config={config} who={who} explain={explain} />
        </GraphiQL>
      </main>
    </>
  );
}

const root = createRoot(document.getElementById('root'));
try {
  const config = await fetch('/graphiql/config.json').then((response) => response.json());
  const link = opened(config);
  // A link of a demo says as whom it asks: then it does not ask in a session.
  const begun = config.login && !link ? await currentSession() : null;
  root.render(<App config={config} begun={begun} link={link} />);
} catch {
  root.render(<p role="alert">暂时无法打开，请稍后重试。<span lang="en">This page cannot be opened now. Try again later.</span></p>);
}
