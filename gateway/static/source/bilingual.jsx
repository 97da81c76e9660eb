// Chinese first, English beside it.
export function Bilingual({ zh, en }) {
  return <>{zh} <span lang="en">{en}</span></>;
}
