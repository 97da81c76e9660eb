// What the policy would decide for each field, asked of `explainAccess` and laid onto the text of the document.
import { placesOf } from './documents.js';

export const EXPLAIN = `query ExplainAccess($document: String!, $purpose: Purpose, $operation: String) {
  explainAccess(document: $document, purpose: $purpose, operationName: $operation) {
    actingRole cost
    fields { path field types outcome withheldReason unlock basis citation }
  }
}`;

const key = (path) => path.join('.');

// PARTLY is none of the schema's outcomes: withheld for some types, and shown for others.
function combined(decisions) {
  const outcomes = new Set(decisions.map((each) => each.outcome));
  if (outcomes.size === 1) return decisions[0].outcome;
  return outcomes.has('WITHHELD') || outcomes.has('PARTLY') ? 'PARTLY' : 'MIXED';
}

// Of the decisions for the same types, those that refuse are the ones that count.
function effective(decisions) {
  const refused = new Set(decisions.filter((each) => each.outcome === 'WITHHELD').map((each) => key(each.types)));
  return decisions.filter((each) => each.outcome === 'WITHHELD' || !refused.has(key(each.types)));
}

// Decisions hold for concrete types: a fragment on one of them narrows those of the place.
function narrowed(decisions, types) {
  return types.reduce((left, type) => {
    const those = left.filter((each) => each.types.includes(type));
    return those.length ? those : left;
  }, decisions);
}

// One entry for each place of the answer that the policy decides, in the order of the document; each with the places of
// its text. `marks` are these places and those below a withheld field, which are withheld with it.
export function accessOf(document, operation, decisions) {
  const byPlace = new Map();
  for (const each of decisions) {
    const place = key(each.path);
    byPlace.set(place, [...(byPlace.get(place) ?? []), each]);
  }
  const entries = new Map();
  const marks = new Map();
  for (const { path, types, start, end } of placesOf(document, operation)) {
    const found = effective(narrowed(byPlace.get(key(path)) ?? [], types));
    const above = path.slice(0, -1).map((_, index) => key(path.slice(0, index + 1)))
      .find((place) => entries.get(place)?.outcome === 'WITHHELD');
    if (!found.length && above === undefined) continue;
    const place = found.length ? key(path) : above;
    const entry = entries.get(place) ?? { place, decisions: [], spots: [] };
    if (found.length) {
      entry.decisions = [...new Set([...entry.decisions, ...found])];
      entry.outcome = combined(entry.decisions);
      entry.spots.push({ start, end });
      entries.set(place, entry);
    }
    const mark = marks.get(start) ?? { start, end, places: [] };
    mark.places = [...new Set([...mark.places, place])];
    marks.set(start, mark);
  }
  return {
    entries: [...entries.values()],
    marks: [...marks.values()].map((mark) => {
      const those = mark.places.map((place) => entries.get(place));
      return { ...mark, outcome: combined(those), entries: those };
    }),
  };
}
