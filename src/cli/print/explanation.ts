import type { Reason } from '../../access/reason.ts';
import type { ControllerExplanation } from '../../sync/explain.ts';
import { fitted } from '../printable.ts';

/** Why and why not, as scripts read it (interfaces.md). */
export interface Explanation {
  readonly user: string;
  readonly controllers: readonly ControllerExplanation[];
}

/** `supposed`: of somebody who need not exist; `asked`: what was asked for alone, e.g. ` that gives Job/Build`. */
interface About {
  readonly supposed?: true;
  readonly asked?: string;
}

/** The explanation for people, at most 80 columns where names allow it. */
export function explanationText(explanation: Explanation, { supposed, asked = '' }: About = {}): string {
  const parts = explanation.controllers.map((controller) => {
    const id = controller.jenkinsId === null ? 'no Jenkins id' : `as ${controller.jenkinsId}`;
    const who = supposed ? '' : `: ${id}, ${controller.active ? 'active' : 'inactive'}`;
    const former = (controller.formerIds ?? []).map(
      ({ id: before, held }) => `    ${before}, the id before, is not cut off: held by ${held}\n`,
    );
    const grants = controller.grants.map((grant) => {
      const { role, scope, permissions, redefinition, reasons } = grant;
      const why = reasons.map((reason) => `      because ${reasonText(reason)}\n`).join('');
      const otherwise =
        redefinition === undefined
          ? ''
          : `      NOT as it stands there: the change of the role is held by ${redefinition}\n`;
      const state = supposed ? '' : ` ${stateText(grant)}`;
      return `    ${role} (${scope})${state}\n      gives ${permissions.join(', ') || 'what the role gives'}\n${otherwise}${why}`;
    });
    const not = controller.whyNot.map(({ rule, missing }) => `    not by ${rule}: missing ${missing}\n`);
    const nothing = grants.length === 0 ? `    ${supposed ? 'would get' : 'holds'} nothing${asked}\n` : '';
    return `  ${controller.name}${who}\n${former.join('')}${nothing}${grants.join('')}${not.join('')}`;
  });
  return fitted(`${explanation.user}\n${parts.join('') || '  no controller\n'}`);
}

type Grant = ControllerExplanation['grants'][number];

const LOSSES: Readonly<Record<string, string>> = {
  pending: '',
  'by-hand': '; somebody gave it by hand: take it away in Jenkins',
};

function stateText({ effective, overdue, loss, held, unmade }: Grant): string {
  if (loss !== undefined)
    return `STILL THERE: no rule gives it any more${LOSSES[loss] ?? `, its loss is held by ${loss}`}`;
  if (overdue) return 'OVERDUE: it has ended and still stands there';
  if (held !== undefined) return `NOT effective: held by ${held}`;
  if (unmade)
    return 'NOT effective: the role is not made yet; where one made by hand has its name, nobody comes into it until `jenkins-scim adopt --role NAME`';
  return effective ? 'effective' : 'NOT effective yet';
}

/** One reason: rule and place, group, end; then since when, by which request and token, a line each. */
function reasonText(reason: Reason): string {
  const group = reason.group === undefined ? '' : ` by group ${reason.group}`;
  const via = reason.via === undefined || reason.via.length === 0 ? '' : ` via ${reason.via.join(' > ')}`;
  const since = reason.since === undefined ? '' : `\n        since ${reason.since}`;
  const pushed = reason.request === undefined ? '' : `\n        pushed by request ${reason.request}`;
  const token = reason.credential === undefined ? '' : `\n        with token ${reason.credential}`;
  const until = reason.until === undefined ? '' : `, until ${reason.until}`;
  return `rule ${reason.rule} (${reason.file}:${reason.line})${group}${via}${until}${since}${pushed}${token}`;
}
