import { createHash } from 'node:crypto';
import { readLetter } from '../../jenkins/envelope.ts';
import { SCRIPTS, type ScriptName } from '../../jenkins/scripts/catalogue.ts';
import type { Reply, Script } from '../../jenkins/scripts/script.ts';
import type { Home } from '../state/home.ts';
import { applyChanges } from './apply.ts';
import { cutPeople } from './cut.ts';
import { inventoryPage } from './inventory.ts';
import { observed, printed } from './observe.ts';
import { olderAsked } from './older.ts';
import { peopleAsked } from './people.ts';
import { probed } from './probe.ts';
import { ScriptError } from './scriptError.ts';
import { usesOf } from './uses.ts';

/** What a script finds around it. */
interface Surroundings {
  readonly home: Home;
  /** Id of the account that sent it. */
  readonly caller: string;
  /** The controller's clock, milliseconds since the epoch. */
  readonly now: number;
}

type Run = (around: Surroundings, parameters: string) => unknown;

/** Each of our scripts by what it does, the parameters read by its own schema, the result checked by its own. */
const RUNS: Readonly<Record<ScriptName, Run>> = {
  probe: doing(SCRIPTS.probe, (around) => probed(around.home)),
  observe: doing(SCRIPTS.observe, (around) => observed(around.home)),
  fingerprint: doing(SCRIPTS.fingerprint, (around) => printed(around.home)),
  apply: doing(SCRIPTS.apply, (around, order) => applyChanges(around.home, order)),
  people: doing(SCRIPTS.people, (around, { ids }) => peopleAsked(around.home, ids)),
  inventory: doing(SCRIPTS.inventory, (around, page) => inventoryPage(around.home, page)),
  older: doing(SCRIPTS.older, (around, order) => olderAsked(around.home, order)),
  cut: doing(SCRIPTS.cut, (around, order) => cutPeople(around, order)),
  uses: doing(SCRIPTS.uses, (around, { id }) => usesOf(around.home, id)),
};

function doing<P, R>(script: Script<P, R>, run: (around: Surroundings, parameters: P) => R): Run {
  return (around, parameters) => script.result.parse(run(around, script.parameters.parse(JSON.parse(parameters))));
}

const BY_HASH = new Map(Object.values(SCRIPTS).map((script) => [script.sha256, script.name as ScriptName]));

/** What `/scriptText` prints for a script: one line behind the sentinel for ours, a compiler's trace for any other. */
export function runScript(source: string, around: Surroundings): string {
  const letter = readLetter(source);
  const name = letter === undefined ? undefined : BY_HASH.get(hashOf(letter.text));
  if (letter === undefined || name === undefined) return UNKNOWN;
  return `${letter.sentinel}${ascii(JSON.stringify(replyOf(name, letter.parameters, around)))}\n`;
}

function replyOf(name: ScriptName, parameters: string, around: Surroundings): Reply {
  try {
    const result = RUNS[name](around, parameters);
    return { ok: true, session: around.home.session, time: around.now, result };
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    return { ok: false, error: error.message, touched: error.touched };
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The beginning of what a script that does not compile prints (topic 03, exchange 08). */
const UNKNOWN = `org.codehaus.groovy.control.MultipleCompilationErrorsException: startup failed:
Script1.groovy: 1: unexpected token:  @ line 1, column 1.

1 error

\tat org.codehaus.groovy.control.ErrorCollector.failIfErrors(ErrorCollector.java:309)
\tat org.codehaus.groovy.control.ErrorCollector.addFatalError(ErrorCollector.java:149)
`;

/** JsonOutput escapes everything beyond ASCII. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
