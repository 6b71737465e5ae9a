/**
 * An esbuild plug-in: of Datadog's client only the models that our operations can meet. Its serializer requires every model
 * of its API version (6,200 of v2), so a bundle of three calls is 5 MB and takes 120 MB of memory. Which types an
 * operation names stands in its API file, and which types a type names in its own; all others are left out of the
 * serializer's tables. A type that is asked for all the same is an error there ("unknown type"), never a wrong answer.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const IMPORT = /^const (\w+)_1 = require\("\.\/(\w+)"\);$/;
const NAMES = /\b[A-Z]\w*/g;

/** The rows of one of the serializer's tables: name → text of the row. */
function table(text, name) {
  const start = text.indexOf(`const ${name} = {`);
  if (start < 0) throw new Error(`Datadog's serializer has no ${name} any more: scripts/_datadog-models.mjs`);
  const end = text.indexOf('\n};', start);
  const rows = new Map();
  for (const row of text
    .slice(start, end)
    .split(/\n(?= {4}\w+: )/)
    .slice(1))
    rows.set(/\w+/.exec(row)[0], row);
  return { start, end, rows };
}

/** `apis`: the API files that are used, by version; told what was kept. */
export const datadogModels = (apis, told = () => {}) => ({
  name: 'datadog-models',
  setup({ onLoad }) {
    onLoad({ filter: /datadog-api-client-v[12]\/models\/ObjectSerializer\.js$/ }, ({ path }) => {
      const folder = dirname(path);
      const version = /datadog-api-client-(v[12])/.exec(folder)[1];
      const text = readFileSync(path, 'utf8');
      const tables = ['enumsMap', 'typeMap', 'oneOfMap'].map((name) => table(text, name));
      const [enums, types, oneOfs] = tables.map((t) => t.rows);
      const kept = new Set();
      const meet = (names) => {
        for (const name of names) {
          if (kept.has(name) || !(enums.has(name) || types.has(name) || oneOfs.has(name))) continue;
          kept.add(name);
          if (oneOfs.has(name)) meet(oneOfs.get(name).match(NAMES));
          else if (types.has(name)) {
            const model = readFileSync(`${folder}/${name}.js`, 'utf8');
            for (const [, type] of model.matchAll(/\btype: "([^"]+)"/g)) meet(type.match(NAMES) ?? []);
          }
        }
      };
      for (const api of apis[version]) {
        const code = readFileSync(`${folder}/../apis/${api}.js`, 'utf8');
        for (const [, type] of code.matchAll(/"([^"\n]*)"/g)) meet(type.match(NAMES) ?? []);
      }
      let contents = text;
      for (const { start, end, rows } of [...tables].sort((a, b) => b.start - a.start)) {
        const name = /^const (\w+)/.exec(text.slice(start))[1];
        const left = [...rows].filter(([row]) => kept.has(row)).map(([, row]) => row.replace(/,?\s*$/, ','));
        contents = `${contents.slice(0, start)}const ${name} = {\n${left.join('\n')}${contents.slice(end)}`;
      }
      contents = contents
        .split('\n')
        .filter((line) => kept.has(IMPORT.exec(line)?.[2]) || !IMPORT.test(line))
        .join('\n');
      told(version, kept.size, enums.size + types.size + oneOfs.size);
      return { contents, loader: 'js' };
    });
  },
});
