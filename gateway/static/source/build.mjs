// Bundles GraphiQL, our bar and our panel, compresses what is served, and gathers the licences of everything that went in.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..');
const modules = join(here, 'node_modules');

// GraphiQL asks for several modules of Prettier when somebody formats a document: here they are one file, loaded then.
const prettierApart = {
  name: 'prettier-apart',
  setup(bundle) {
    bundle.onResolve({ filter: /^prettier\// }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './graphiql-prettier.js', external: true } : undefined);
  },
};

// What assistive technology stumbles over in GraphiQL. Its tabs have buttons inside of tabs, which nothing can reach: a
// list of buttons instead. In its history the name of a button is another one than what it shows, or there is none.
const PATCHES = [
  [/@graphiql\/react\/dist\/components\/tabs\/index\.js$/, [
    ['"aria-selected": isActive', '"aria-current": isActive'], ['role: "tab"', 'role: "listitem"'], ['role: "tablist"', 'role: "list"'],
  ]],
  [/graphiql\/dist\/GraphiQL\.js$/, [['role: "tabpanel"', 'role: "region"']]],
  [/@graphiql\/plugin-history\/dist\/components\.js$/, [
    ['onClick: handleHistoryItemClick, "aria-label": "Set active"', 'onClick: handleHistoryItemClick'],
    ['onClick: handleClose, children', 'onClick: handleClose, "aria-label": "Cancel", children'],
  ]],
];
const accessible = {
  name: 'accessible',
  setup(bundle) {
    for (const [filter, changes] of PATCHES) {
      bundle.onLoad({ filter }, ({ path }) => ({ contents: changes.reduce(replacedOnce, readFileSync(path, 'utf8')) }));
    }
  },
};

function replacedOnce(text, [from, to]) {
  if (text.split(from).length !== 2) throw new Error(`Look at the patches: ${from} does not stand once in this version.`);
  return text.replace(from, to);
}

const { metafile, outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: {
    graphiql: 'app.jsx',
    'graphiql-prettier': 'prettier.js',
    'graphiql-worker': join(modules, 'monaco-graphql/esm/graphql.worker.js'),
    'graphiql-worker-json': join(modules, 'monaco-editor/esm/vs/language/json/json.worker.js'),
    'graphiql-worker-editor': join(modules, 'monaco-editor/esm/vs/editor/editor.worker.js'),
  },
  outdir: out,
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  plugins: [prettierApart, accessible],
  loader: { '.ttf': 'file' },
  assetNames: 'graphiql-icons',
  define: { 'process.env.NODE_ENV': '"production"' },
});

for (const old of readdirSync(out)) if (/^graphiql.*\.gz$/.test(old)) rmSync(join(out, old));
const made = outputFiles.map(({ path, contents }) => {
  const packed = gzipSync(contents, { level: 9 });
  packed[9] = 255; // the operating system that compressed it: unknown, so that every machine makes the same bytes
  const name = path.slice(out.length + 1);
  writeFileSync(join(out, `${name}.gz`), packed);
  const sha256 = createHash('sha256').update(contents).digest('hex');
  return { name, sha256, bytes: contents.length, compressed: packed.length };
}).sort((one, other) => (one.name < other.name ? -1 : 1));
writeFileSync(join(out, 'graphiql.json'), `${JSON.stringify({ files: made }, null, 2)}\n`);

const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[0]);
}
const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(here, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(here, folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(join(here, folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(join(out, 'LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
for (const { name, bytes, compressed } of made) console.log(`${name} ${bytes} bytes, compressed ${compressed}`);
console.log(`${packages.size} packages`);
