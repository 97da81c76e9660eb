// The words of the panel. The Chinese terms of the schema's enums come from the server; these are what stands beside.
export const OUTCOMES = ['CLEAR', 'MASKED', 'MIXED', 'PARTLY', 'WITHHELD'];
export const SIGNS = { CLEAR: '●', MASKED: '◐', MIXED: '◪', PARTLY: '⊖', WITHHELD: '⊘' };
const OUTCOME = {
  CLEAR: 'clear', MASKED: 'masked', MIXED: 'clear in some records, masked in others',
  PARTLY: 'withheld in some records', WITHHELD: 'withheld',
};
const PARTLY = '部分不提供';
const REASON = {
  ROLE: 'this role does not see it for this purpose',
  NECESSITY: 'this purpose does not need it',
  CONSENT: 'there is no live authorisation of the subject',
  UNCLASSIFIED: 'the field has no class yet',
  DAMAGED: 'what is stored is damaged',
};
const BASIS = {
  STATUTE: 'duty by law', CONSENT: 'authorisation of the subject', OWN_APPLICATION: 'own application',
  OWN_RIGHT: 'own right', PUBLICATION: 'publication by law',
};

export const outcome = (config, value) => ({ zh: config.words.AccessOutcome[value] ?? PARTLY, en: OUTCOME[value] });

function unlockOf(config, text) {
  const [kind, list] = (text ?? '').split(':');
  if (kind === 'authorisation') return { zh: '取得本人授权后可见', en: 'shown on an authorisation of the subject' };
  if (!list) return null;
  const names = list.split(',');
  if (kind === 'purpose') {
    const zh = names.map((name) => config.purposes.find((each) => each.value === name)?.label ?? name).join('、');
    return { zh: `此角色以下列目的可见：${zh}`, en: `this role sees it for ${names.join(', ')}` };
  }
  if (kind === 'role') {
    const zh = names.map((name) => config.roles[name] ?? name).join('、');
    return { zh: `下列角色可见：${zh}`, en: `shown to ${names.join(', ')}` };
  }
  return null;
}

// Why a field shows what it shows, and what would show more: sentences in both languages. Types are named where they differ.
export function explained(config, decisions) {
  const several = new Set(decisions.map((each) => each.outcome)).size > 1;
  const found = new Map();
  for (const decision of decisions) {
    for (const { zh, en } of sentences(config, decision)) {
      found.set(zh, { zh, en, types: [...(found.get(zh)?.types ?? []), ...decision.types] });
    }
  }
  return [...found.values()].map(({ zh, en, types }) => (
    several ? { zh: `${types.join('、')}：${zh}`, en: `${types.join(', ')}: ${en}` } : { zh, en }
  ));
}

function sentences(config, { outcome: value, withheldReason, basis, citation, unlock }) {
  if (value === 'WITHHELD') {
    const why = {
      zh: config.words.WithheldReason[withheldReason] ?? config.words.AccessOutcome.WITHHELD,
      en: REASON[withheldReason] ?? OUTCOME.WITHHELD,
    };
    const way = unlockOf(config, unlock);
    return way ? [why, way] : [why];
  }
  const what = outcome(config, value);
  if (!basis) return [what];
  const clause = citation ? ` [${citation}]` : '';
  return [{ zh: `${what.zh}，依据：${config.words.Basis[basis]}${clause}`, en: `${what.en}, by ${BASIS[basis]}${clause}` }];
}
