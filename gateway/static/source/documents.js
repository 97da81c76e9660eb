// What a document states: its operations, the purpose of each, and the fields at each place of one.
import { getOperationAST, Kind, parse } from 'graphql';

// The document, or null while it is not complete.
export function parsed(text) {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

// The operation that would run: the one of this name, or the only one; null where several have no choice made.
export function operationOf(document, name) {
  if (!document) return null;
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  return getOperationAST(document, name || undefined) ?? operations[0] ?? null;
}

// Where `@purpose(is: …)` of the operation stands, and which purpose it states; null where it states none.
export function statedPurpose(operation) {
  const directive = operation?.directives?.find((each) => each.name.value === 'purpose');
  const value = directive?.arguments?.find((each) => each.name.value === 'is')?.value;
  return value?.kind === Kind.ENUM ? { value: value.value, start: value.loc.start, end: value.loc.end } : null;
}

// Every field of the operation with its place: the response keys, and the types of the fragments around it. A field of a
// fragment that is spread twice has two places.
export function placesOf(document, operation) {
  const fragments = new Map(document.definitions
    .filter((each) => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]));
  const found = [];
  const visit = (selectionSet, path, types, spread) => {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const here = [...path, key];
        found.push({
          path: here, types, start: (selection.alias ?? selection.name).loc.start, end: selection.name.loc.end,
        });
        visit(selection.selectionSet, here, [], spread);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = selection.typeCondition?.name.value;
        visit(selection.selectionSet, path, type ? [...types, type] : types, spread);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || spread.includes(fragment)) continue;
        visit(fragment.selectionSet, path, [...types, fragment.typeCondition.name.value], [...spread, fragment]);
      }
    }
  };
  visit(operation.selectionSet, [], [], []);
  return found;
}
