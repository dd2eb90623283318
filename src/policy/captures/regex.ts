import { type Charset, includes } from './charset.ts';
import { type Node, parseRegex, RegexProblem } from './regexSyntax.ts';

/** A compiled expression that is matched without going back: time is text × states, whatever the text. */
export interface Regex {
  readonly source: string;
  /** Ends of all matches that start at `start`, ascending. */
  ends(text: string, start: number): readonly number[];
  /** Whether the whole text matches. */
  matches(text: string): boolean;
}

type State = { kind: 'set'; set: Charset; next: number } | { kind: 'split'; next: readonly number[] } | { kind: 'end' };

const MAX_STATES = 2000;

/** Compiles an expression of `parseRegex`'s language, or says in a sentence why not. */
export function compileRegex(source: string): Regex | string {
  try {
    const states: State[] = [{ kind: 'end' }];
    const start = build(parseRegex(source), 0, states);
    return regex(source, states, start);
  } catch (error) {
    if (error instanceof RegexProblem) return error.message;
    throw error;
  }
}

/** Adds the states of `node` in front of `next`; answers its first state. */
function build(node: Node, next: number, states: State[]): number {
  switch (node.kind) {
    case 'set':
      return push({ kind: 'set', set: node.set, next }, states);
    case 'sequence':
      return node.items.reduceRight((after, item) => build(item, after, states), next);
    case 'either':
      return push({ kind: 'split', next: node.options.map((option) => build(option, next, states)) }, states);
    case 'repeat':
      return repeat(node, next, states);
  }
}

function repeat({ body, min, max }: Extract<Node, { kind: 'repeat' }>, next: number, states: State[]): number {
  let after = next;
  if (max === Number.POSITIVE_INFINITY) {
    const loop = push({ kind: 'split', next: [] }, states);
    states[loop] = { kind: 'split', next: [build(body, loop, states), next] };
    after = loop;
  } else
    for (let count = min; count < max; count++)
      after = push({ kind: 'split', next: [build(body, after, states), next] }, states);
  for (let count = 0; count < min; count++) after = build(body, after, states);
  return after;
}

function push(state: State, states: State[]): number {
  if (states.length >= MAX_STATES) throw new RegexProblem('its counts make it too large');
  states.push(state);
  return states.length - 1;
}

function regex(source: string, states: readonly State[], start: number): Regex {
  const ends = (text: string, from: number): number[] => {
    const found: number[] = [];
    let current = closure([start], states);
    for (let at = from; ; at++) {
      if (current.has(0)) found.push(at);
      if (at >= text.length || current.size === 0) return found;
      current = closure(step(current, text.charCodeAt(at), states), states);
    }
  };
  return { source, ends, matches: (text) => ends(text, 0).at(-1) === text.length };
}

function* step(current: ReadonlySet<number>, unit: number, states: readonly State[]): Generator<number> {
  for (const index of current) {
    const state = states[index]!;
    if (state.kind === 'set' && includes(state.set, unit)) yield state.next;
  }
}

function closure(start: Iterable<number>, states: readonly State[]): Set<number> {
  const reached = new Set<number>();
  const open = [...start];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    const state = states[index]!;
    if (state.kind === 'split') open.push(...state.next);
  }
  return reached;
}
