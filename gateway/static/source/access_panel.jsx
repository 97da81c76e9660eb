// The panel that shows, while one types, which fields of the document are clear, masked or withheld, and why: in the
// text by colour, line and sign, and as a list.
import { pick, useGraphiQL } from '@graphiql/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Bilingual } from './bilingual.jsx';
import { operationOf, parsed } from './documents.js';
import { EXPLAIN, accessOf } from './field_access.js';
import { explained, outcome, OUTCOMES, SIGNS } from './words.js';

const PAUSE = 400;
const NOTHING = { entries: [], marks: [], role: null };

export function useText(editor) {
  const [text, setText] = useState('');
  useEffect(() => {
    if (!editor) return undefined;
    setText(editor.getValue());
    const listening = editor.onDidChangeModelContent(() => setText(editor.getValue()));
    return () => listening.dispose();
  }, [editor]);
  return text;
}

// Asks anew when the text or *who* has changed, and rested for a moment. While the text is not complete the last
// answer stays, and `state` says so.
function useAccess(explain, text, operationName, who) {
  const [access, setAccess] = useState(NOTHING);
  const [state, setState] = useState({ kind: 'EMPTY' });
  useEffect(() => {
    const document = parsed(text);
    const operation = operationOf(document, operationName);
    if (!operation) {
      setState({ kind: text.trim() ? 'INCOMPLETE' : 'EMPTY' });
      return undefined;
    }
    const control = new AbortController();
    const timer = setTimeout(async () => {
      const variables = { document: text, purpose: who.purpose || null, operation: operation.name?.value };
      try {
        const answer = await explain({ query: EXPLAIN, variables }, control.signal);
        if (control.signal.aborted) return;
        const found = answer.data?.explainAccess;
        if (found) {
          setAccess({ ...accessOf(document, operation, found.fields), role: found.actingRole });
          setState({ kind: 'SHOWN' });
        } else {
          setAccess(NOTHING);
          setState({ kind: 'REFUSED', message: answer.errors?.[0]?.message ?? '' });
        }
      } catch {
        if (!control.signal.aborted) setState({ kind: 'REFUSED', message: '' });
      }
    }, PAUSE);
    return () => { clearTimeout(timer); control.abort(); };
  }, [explain, text, operationName, who]);
  return { access, state };
}

function decoration(config, model, { start, end, outcome: value, entries }) {
  const from = model.getPositionAt(start);
  const to = model.getPositionAt(end);
  const words = outcome(config, value);
  const why = entries.flatMap((entry) => explained(config, entry.decisions));
  const name = value.toLowerCase();
  return {
    range: {
      startLineNumber: from.lineNumber, startColumn: from.column, endLineNumber: to.lineNumber, endColumn: to.column,
    },
    options: {
      inlineClassName: `field field-${name}`,
      before: value === 'CLEAR' ? undefined : { content: SIGNS[value], inlineClassName: `sign sign-${name}` },
      hoverMessage: [
        { value: `**${SIGNS[value]} ${words.zh}** ${words.en}` }, ...why.map(({ zh, en }) => ({ value: `${zh}  \n${en}` })),
      ],
    },
  };
}

// Colours the text. Returns the entry under a position, and a function that goes to the text of one; both follow the
// text while it changes.
function useMarks(config, editor, access, onPoint) {
  const held = useRef(null);
  useEffect(() => {
    if (!editor) return undefined;
    held.current = editor.createDecorationsCollection();
    return () => held.current.clear();
  }, [editor]);
  useEffect(() => {
    if (!editor) return undefined;
    const model = editor.getModel();
    held.current.set(access.marks.map((mark) => decoration(config, model, mark)));
    const point = (position) => {
      const index = access.marks.findIndex((_, at) => held.current.getRange(at)?.containsPosition(position));
      onPoint(index < 0 ? null : access.marks[index].entries[0]);
    };
    const listening = editor.onDidChangeCursorPosition((event) => point(event.position));
    return () => listening.dispose();
  }, [config, editor, access, onPoint]);
  return useCallback((entry) => {
    const at = access.marks.findIndex((mark) => mark.entries.includes(entry));
    const range = at < 0 ? null : held.current.getRange(at);
    if (!range) return;
    editor.setPosition(range.getStartPosition());
    editor.revealRangeInCenterIfOutsideViewport(range);
    editor.focus();
  }, [editor, access]);
}

// What is missing comes first; within that, the order of the document.
function sorted(entries) {
  return [...entries].sort((one, other) => OUTCOMES.indexOf(other.outcome) - OUTCOMES.indexOf(one.outcome));
}

// A place breaks where it has a dot.
function Place({ of: place }) {
  return <code>{place.split('.').map((word, index) => <span key={index}>{index > 0 && <><wbr />.</>}{word}</span>)}</code>;
}

function Sign({ value }) {
  return <span className={`sign sign-${value.toLowerCase()}`} aria-hidden="true">{SIGNS[value]}</span>;
}

function Outcome({ config, value }) {
  return <><Sign value={value} /> <Bilingual {...outcome(config, value)} /></>;
}

function Why({ config, entry }) {
  return explained(config, entry.decisions).map(({ zh, en }) => (
    <p key={zh} className="why"><Bilingual zh={zh} en={en} /></p>
  ));
}

function Status({ config, access, state }) {
  if (state.kind === 'REFUSED') return <Bilingual zh={`无法判定：${state.message}`} en="not decided" />;
  if (state.kind === 'EMPTY') return <Bilingual zh="输入查询后，此处列出各字段。" en="Type a query, and its fields are listed here." />;
  const counted = OUTCOMES.map((value) => [value, access.entries.filter((each) => each.outcome === value).length]);
  const present = counted.filter(([, count]) => count);
  return (
    <>
      {present.map(([value, count]) => <span key={value}><Sign value={value} /> {outcome(config, value).zh} {count}{'　'}</span>)}
      {!present.length && state.kind === 'SHOWN' && <Bilingual zh="没有受规则约束的字段。" en="No field here is guarded." />}
      {state.kind === 'INCOMPLETE' && <Bilingual zh="查询尚未写完，暂按上一次显示。" en="Not complete yet: as it was before." />}
    </>
  );
}

export function AccessPanel({ config, who, explain }) {
  const { queryEditor, operationName } = useGraphiQL(pick('queryEditor', 'operationName'));
  const text = useText(queryEditor);
  const { access, state } = useAccess(explain, text, operationName, who);
  const [pointed, setPointed] = useState(null);
  const goTo = useMarks(config, queryEditor, access, setPointed);
  const here = access.entries.includes(pointed) ? pointed : null;
  const [isOpen, setOpen] = useState(true);
  const role = access.role && (config.roles[access.role.toLowerCase()] ?? access.role);
  return (
    <aside className={isOpen ? 'access' : 'access closed'} aria-labelledby="access-title">
      <h2 id="access-title">
        <button type="button" aria-expanded={isOpen} aria-controls="access-content" onClick={() => setOpen(!isOpen)}>
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> <Bilingual zh="字段可见性" en="Field access" />
        </button>
      </h2>
      <div id="access-content" hidden={!isOpen}>
        <p className="legend">
          {OUTCOMES.map((value) => <span key={value} className="key"><Outcome config={config} value={value} /></span>)}
        </p>
        {role && <p><Bilingual zh={`以“${role}”判定`} en={`decided for ${access.role}`} /></p>}
        <p role="status"><Status config={config} access={access} state={state} /></p>
        <div className={here ? 'here' : 'here none'} role="status">
          {here ? (
            <>
              <p><Outcome config={config} value={here.outcome} /> <Place of={here.place} /></p>
              <Why config={config} entry={here} />
            </>
          ) : <p><Bilingual zh="光标所在的字段说明在此显示。" en="What is under the cursor is explained here." /></p>}
        </div>
        <ul>
          {sorted(access.entries).map((entry) => (
            <li key={entry.place} className={entry === here ? 'pointed' : undefined}>
              <button type="button" onClick={() => goTo(entry)} onFocus={() => setPointed(entry)}
                onMouseEnter={() => setPointed(entry)}>
                <Outcome config={config} value={entry.outcome} /> <Place of={entry.place} />
              </button>
              {entry.outcome !== 'CLEAR' && <Why config={config} entry={entry} />}
            </li>
          ))}
        </ul>
      </div>
    </aside>
  );
}
