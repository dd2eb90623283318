import { printableLine } from '../../access/printable.ts';
import { heldGroups, whyHeld } from '../guard/group.ts';
import type { OwnedEntry } from '../plan.ts';
import { isLeaverStep, type Step } from '../step.ts';
import { type ControllerView, patternsOf, planDocument } from './document.ts';
import { type Line, linesOf, titlesOf } from './lines.ts';
import { type Style, type Tone, toned, wrapped } from './style.ts';

/** Most lines of one kind on one controller; `--json` has them all. */
const MOST = 100;

/**
 * The plan for people: what it comes to, then per controller who gains or loses administration, every change with the rule
 * behind it, what is held, matched, unmanaged and found. At most `width` columns where names allow it.
 * @param releases whether what is held can be released by these digests: not of one person alone, nor under a policy that is not in force
 */
export function planText(views: readonly ControllerView[], style: Style, releases = true): string {
  const sorted = views.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const out = new Page(style);
  out.add(0, summaryOf(sorted), 'strong');
  const { digest } = planDocument(sorted);
  if (sorted.some(({ plan }) => plan !== undefined)) out.add(0, `Digest ${digest}`, 'faint');
  for (const view of sorted) controller(out, view, releases);
  return out.text();
}

class Page {
  readonly #lines: string[] = [];
  readonly #style: Style;

  constructor(style: Style) {
    this.#style = style;
  }

  add(indent: number, text: string, tone: Tone = 'plain', hanging = indent + 2): void {
    for (const line of wrapped(text, indent, hanging, this.#style.width))
      this.#lines.push(toned(line, tone, this.#style));
  }

  gap(): void {
    this.#lines.push('');
  }

  list<T>(indent: number, items: readonly T[], add: (item: T) => void): void {
    for (const item of items.slice(0, MOST)) add(item);
    if (items.length > MOST) this.add(indent, `and ${items.length - MOST} more; --json lists all`, 'faint');
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

function controller(out: Page, view: ControllerView, releases: boolean): void {
  const { name, mode, plan, verdict, error } = view;
  out.gap();
  if (plan === undefined) {
    out.add(0, `${name} (${mode}): could not be read`, 'strong');
    out.add(2, printableLine(error ?? 'no answer'), 'remove');
    out.add(2, `What to do: jenkins-scim doctor --controller ${name}`);
    return;
  }
  const go = verdict?.go ?? plan.steps;
  const held = verdict?.held ?? [];
  out.add(0, `${name} (${mode}): ${countsOf(go, held.length)}`, 'strong');
  const patterns = patternsOf(plan);
  const titles = titlesOf(view.permissions);
  administration(out, go);
  out.list(2, linesOf(go, patterns, titles), (line) => change(out, 2, line));
  if (held.length > 0) {
    const groups = releases ? heldGroups(held) : [];
    for (const [ceiling, items] of Map.groupBy(held, (item) => item.ceiling)) {
      const digest = groups.find((group) => group.ceiling === ceiling)?.digest;
      const release = digest === undefined ? '' : `; release: apply --allow-loss ${digest.slice(0, 12)}`;
      out.add(2, `Held by ${ceiling}: ${printableLine(whyHeld(items.map(({ reason }) => reason)))}${release}`, 'hold');
      const steps = items.map(({ step }) => step);
      out.list(4, linesOf(steps, patterns, titles), (line) => change(out, 4, line));
    }
  }
  entries(out, 'Matched, there already and not ours until `adopt`', plan.matched);
  entries(out, 'Unmanaged, not touched', plan.unmanaged);
  const findings = [...plan.findings, ...(verdict?.findings ?? [])];
  if (findings.length > 0) out.add(2, 'Findings');
  out.list(4, findings, ({ level, code, finding, remedy }) => {
    out.add(4, `${level.toUpperCase()} ${code}: ${printableLine(finding)}`, level === 'info' ? 'plain' : 'change', 6);
    out.add(6, printableLine(remedy), 'faint', 6);
  });
}

function administration(out: Page, steps: readonly Step[]): void {
  const gains = steps.flatMap((step) =>
    step.kind === 'grant' && step.administrative
      ? [step.principal.id]
      : step.kind === 'update-role' && step.administrative
        ? [`holders of ${step.role.name}`]
        : [],
  );
  const losses = steps.flatMap((step) =>
    (step.kind === 'revoke' || step.kind === 'remove-entries') && step.administrative === true
      ? [step.principal.id]
      : [],
  );
  if (gains.length > 0) out.add(2, `Administration gained: ${names(gains)}`, 'strong');
  if (losses.length > 0) out.add(2, `Administration lost: ${names(losses)}`, 'strong');
}

function names(ids: readonly string[]): string {
  const distinct = [...new Set(ids)].sort().map(printableLine);
  const more = distinct.length - MOST;
  return `${distinct.slice(0, MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function change(out: Page, indent: number, { sign, tone, text, reasons }: Line): void {
  out.add(indent, `${sign} ${text}`, tone, indent + 4);
  for (const reason of reasons.slice(0, 3)) out.add(indent + 4, reason, 'faint', indent + 6);
  if (reasons.length > 3) out.add(indent + 4, `and ${reasons.length - 3} more rules`, 'faint');
}

function entries(out: Page, title: string, found: readonly OwnedEntry[]): void {
  if (found.length === 0) return;
  out.add(2, `${title}: ${found.length}`);
  out.list(4, found, ({ role, principal }) =>
    out.add(4, printableLine(`${principal.type} ${principal.id} in ${role.type} role ${role.name}`)),
  );
}

function summaryOf(views: readonly ControllerView[]): string {
  const read = views.filter(({ plan }) => plan !== undefined);
  const go = read.flatMap(({ plan, verdict }) => verdict?.go ?? plan?.steps ?? []);
  const held = read.reduce((sum, { verdict }) => sum + (verdict?.held.length ?? 0), 0);
  const unread = views.length - read.length;
  const where = `${read.length} ${read.length === 1 ? 'controller' : 'controllers'}`;
  return `Plan: ${countsOf(go, held)} on ${where}${unread === 0 ? '' : `; ${unread} could not be read`}.`;
}

function countsOf(go: readonly Step[], held: number): string {
  const count = (matches: (step: Step) => boolean): number => go.filter(matches).length;
  const adds = count(({ kind }) => kind === 'grant' || kind === 'create-role');
  const changes = count(({ kind }) => kind === 'update-role');
  const removes = count(({ kind }) => kind === 'revoke' || kind === 'delete-role');
  const leavers = new Set(go.filter(isLeaverStep).map(({ principal }) => principal.id)).size;
  const parts = [
    ...(adds > 0 ? [`${adds} to add`] : []),
    ...(changes > 0 ? [`${changes} to change`] : []),
    ...(removes > 0 ? [`${removes} to remove`] : []),
    ...(leavers > 0 ? [`${leavers} ${leavers === 1 ? 'id' : 'ids'} to cut off`] : []),
    ...(held > 0 ? [`${held} held`] : []),
  ];
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}
