import { fitted, printableLine } from '../printable.ts';

/** The certificate of a leaver as scripts read it (interfaces.md). */
export interface Certificate {
  readonly user: string;
  readonly state: string;
  readonly receivedAt: string | null;
  /** Who said that they leave, where that was an operator and stands; as the ledger has it. */
  readonly declared?: { readonly at: string; readonly by: string };
  readonly controllers: readonly {
    readonly name: string;
    /** Where it is about an id that the person gave up there. */
    readonly formerId?: string;
    readonly steps: readonly { readonly kind: string; readonly at: string; readonly verified: boolean }[];
    readonly missing: readonly string[];
    readonly residual: readonly string[];
    readonly doneAt: string | null;
    readonly elapsedMs: number | null;
  }[];
  readonly complete: boolean;
  /** Where `--lift` was said: whether there was a `--now` to take back. */
  readonly lifted?: boolean;
  /** Where `--release-id` was said: whether anything was owed at an id of theirs. */
  readonly released?: boolean;
  /** Controllers that did not do what was asked just now, and why; absent where nothing was asked, or all did. */
  readonly undone?: readonly { readonly controller: string; readonly error: string }[];
}

function verdict({ state, complete, controllers, lifted, released }: Certificate): string {
  if (complete)
    return controllers.some(({ residual }) => residual.length > 0)
      ? 'Complete: every step is verified. What is residual is yours to decide.'
      : 'Complete: nothing is left that can act.';
  if (state !== 'active') return 'NOT complete.';
  if (lifted !== undefined || released !== undefined) return 'No leaver.';
  return controllers.length === 0
    ? 'No leaver: nothing is cut. --now cuts them off as one.'
    : 'No leaver: this is about ids they gave up, or tokens without a grant.';
}

function askedText({ lifted, released }: Certificate): string {
  if (released !== undefined)
    return released
      ? '  The ids are given free; what is owed there stays.\n'
      : '  There was no id to give free: nothing was owed.\n';
  if (lifted === undefined) return '';
  return lifted
    ? '  --now is taken back: grants return by the rules, tokens and keys do not.\n'
    : '  There was no --now to take back.\n';
}

/** The certificate for people, at most 80 columns. */
export function certificateText(certificate: Certificate): string {
  const { user, state, receivedAt, declared, controllers, undone = [] } = certificate;
  const said = declared === undefined ? '' : `  declared by ${declared.by} at ${declared.at}\n`;
  const head = `${user}: ${state}${receivedAt === null ? '' : `, received ${receivedAt}`}\n${said}`;
  const parts = controllers.map((controller) => {
    const unfinished = certificate.complete ? 'nothing to cut' : 'not finished';
    const took = controller.elapsedMs === null ? unfinished : `${controller.elapsedMs} ms`;
    const steps = controller.steps
      .map((step) => `    ${step.verified ? 'ok  ' : '??  '}${step.kind.padEnd(20)}${step.at}\n`)
      .join('');
    const missing = controller.missing.map((step) => `    missing  ${step}\n`).join('');
    const residual = controller.residual.map((item) => `    residual ${item}\n`).join('');
    const former = controller.formerId === undefined ? '' : `, at the former id ${printableLine(controller.formerId)}`;
    return `  ${controller.name}${former}: ${took}\n${steps}${missing}${residual}`;
  });
  const failures = undone.map(({ controller, error }) => `  ${controller} did not do it: ${error}\n`).join('');
  return fitted(`${head}${askedText(certificate)}${parts.join('')}${failures}  ${verdict(certificate)}\n`);
}
