// Writes what is generated from the sources: the JSON schema and docs/errors.md. `--check` fails on drift instead.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/config/jsonSchema.ts';
import { CATALOGUE } from '../src/errors.ts';
import { policyJsonSchema } from '../src/policy/jsonSchema.ts';

const AREAS: Readonly<Record<string, string>> = {
  SCIM: 'SCIM requests',
  AUTH: 'Authentication',
  CFG: 'Configuration',
  POL: 'Policy',
  STORE: 'Database',
  JEN: 'Jenkins controllers',
  PLAN: 'Plans and holds',
  CTL: 'Names of controllers',
  USER: 'Names of people',
  LED: 'Ledger',
  KEY: 'Keys',
  CLOCK: 'Clock',
  CLI: 'Command line',
};

function errorsPage(): string {
  const codes = Object.entries(CATALOGUE);
  const areas = [...new Set(codes.map(([code]) => code.slice(0, code.indexOf('_'))))];
  const sections = areas.map((area) => {
    const rows = codes.filter(([code]) => code.startsWith(`${area}_`)).map(([code, entry]) => row(code, entry));
    return `## ${AREAS[area] ?? area}\n\n| Code | Status | Message | Remedy |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Errors

Written from \`src/errors.ts\` by \`npm run schemas\`. \`{words}\` in braces are filled in. A status of – never crosses HTTP. Over SCIM the
answer is the error of RFC 7644 §3.12 with the same text; on the command line it is \`CODE: message\` and the remedy, or one JSON
document with \`--json\`. Codes are never reused.

${sections.join('\n')}`;
}

function row(code: string, entry: { message: string; status: number; remedy: string; scimType?: string }): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const status =
    entry.status === 0 ? '–' : `${entry.status}${entry.scimType === undefined ? '' : ` ${entry.scimType}`}`;
  return `| \`${code}\` | ${status} | ${cell(entry.message)} | ${cell(entry.remedy)} |`;
}

const schema = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
const generated: Readonly<Record<string, string>> = {
  'jenkins-scim.schema.json': schema(configJsonSchema()),
  'policy.schema.json': schema(policyJsonSchema()),
  'docs/errors.md': errorsPage(),
};

const stale = Object.entries(generated).filter(
  ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
);
if (process.argv.includes('--check')) {
  for (const [path] of stale) process.stderr.write(`${path} differs from the sources. Remedy: npm run schemas\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) writeFileSync(path, text);
  process.stdout.write(
    stale.length === 0 ? 'Nothing has changed.\n' : `Wrote ${stale.map(([path]) => path).join(', ')}.\n`,
  );
}
