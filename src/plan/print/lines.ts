import type { PermissionInfo } from '../../access/ports/controller.ts';
import { printableLine } from '../../access/printable.ts';
import type { Reason } from '../../access/reason.ts';
import type { Cause, LeaverStep, Step } from '../step.ts';
import { isLeaverStep } from '../step.ts';
import { type Patterns, stepDocument } from './document.ts';
import type { Tone } from './style.ts';

/** One thing a plan does, for people. */
export interface Line {
  readonly sign: '+' | '~' | '-';
  readonly tone: Tone;
  readonly text: string;
  /** The rules behind it. */
  readonly reasons: readonly string[];
}

const WHY: { readonly [C in Cause]: string } = {
  gain: '',
  leaver: 'left',
  unentitled: 'no rule gives anything here any more',
  expired: 'its end has come',
  'old-id': 'is called otherwise now',
  policy: 'no rule gives it any more',
  drift: 'was changed by hand',
  cleanup: 'nobody wants the role',
  older: 'held this before the link',
  compromised: 'it came of what a compromised credential did',
};

/** Titles of permissions, by id. */
type Titles = ReadonlyMap<string, string>;

export function titlesOf(permissions: readonly PermissionInfo[] | undefined): Titles {
  return new Map((permissions ?? []).map(({ id, title }) => [id, title]));
}

/** Steps as lines: what belongs to one id that somebody leaves is one line. Every name is made printable. */
export function linesOf(steps: readonly Step[], patterns: Patterns, titles: Titles): Line[] {
  const key = ({ cause, principal }: LeaverStep): string => `${cause}\u0000${principal.id}`;
  const owed = Map.groupBy(steps.filter(isLeaverStep), key);
  return steps.flatMap((step) => {
    if (!isLeaverStep(step)) return [lineOf(step, patterns, titles)];
    const all = owed.get(key(step)) ?? [];
    return all[0] === step ? [leaverLine(step, all)] : [];
  });
}

function leaverLine({ principal, cause }: LeaverStep, owed: readonly LeaverStep[]): Line {
  const steps = owed.map(({ kind, entries }) => (entries === undefined ? kind : `${kind} (${entries.length})`));
  // Several who had one id may owe there.
  const text = `${printableLine(principal.id)} ${WHY[cause]}: ${[...new Set(steps)].join(', ')}`;
  return { sign: '-', tone: 'remove', text, reasons: [] };
}

function lineOf(step: Exclude<Step, LeaverStep>, patterns: Patterns, titles: Titles): Line {
  const { scope = `${step.role.type} role` } = stepDocument(patterns, step);
  const role = `${printableLine(step.role.name)} (${printableLine(scope)})`;
  const reasons = step.reasons.map(reasonText);
  const mark = 'administrative' in step && step.administrative ? ' [administrative]' : '';
  switch (step.kind) {
    case 'grant':
      return { sign: '+', tone: 'add', text: `${who(step)} gets ${role}${mark}${since(step.cause)}`, reasons };
    case 'revoke':
      return { sign: '-', tone: 'remove', text: `${who(step)} loses ${role}${mark}${since(step.cause)}`, reasons };
    case 'create-role':
      return {
        sign: '+',
        tone: 'add',
        text: `role ${role}${mark}: ${permissions(step.role.permissions, titles)}`,
        reasons,
      };
    case 'delete-role':
      return { sign: '-', tone: 'remove', text: `role ${role}: empty for a day, or renamed`, reasons };
    case 'update-role': {
      const had = new Set(step.before.permissions);
      const has = new Set(step.role.permissions);
      const more = step.role.permissions.filter((item) => !had.has(item));
      const less = step.before.permissions.filter((item) => !has.has(item));
      const parts = [
        ...(more.length > 0 ? [`gains ${permissions(more, titles)}`] : []),
        ...(less.length > 0 ? [`loses ${permissions(less, titles)}`] : []),
        ...(step.before.pattern === step.role.pattern ? [] : [`was ${printableLine(step.before.pattern)}`]),
      ];
      return { sign: '~', tone: 'change', text: `role ${role}${mark} ${parts.join('; ')}`, reasons };
    }
  }
}

function who({ principal: { type, id } }: Extract<Step, { kind: 'grant' | 'revoke' }>): string {
  return type === 'user' ? printableLine(id) : `${type} ${printableLine(id)}`;
}

function since(cause: Cause): string {
  return WHY[cause] === '' ? '' : `, ${WHY[cause]}`;
}

function permissions(ids: readonly string[], titles: Titles): string {
  return ids.map((id) => printableLine(titles.get(id) ?? id)).join(', ') || 'no permissions';
}

/** The rule, the line it stands on, the group, the end. */
function reasonText({ rule, file, line, group, via, until }: Reason): string {
  const by = group === undefined ? '' : ` by group ${group}`;
  const through = via === undefined || via.length === 0 ? '' : ` via ${via.join(' > ')}`;
  const end = until === undefined ? '' : ` until ${until}`;
  return printableLine(`${rule} (${file}:${line})${by}${through}${end}`);
}
