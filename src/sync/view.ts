import type { ControllerView } from '../plan/print/document.ts';
import type { Assessment } from './assess.ts';

/** What was assessed, as it is printed and saved. */
export function viewOf({ controller, plan, verdict, live, evaluation, situation }: Assessment): ControllerView {
  const held = situation.identityHeld
    ? [
        {
          code: 'identity.edited',
          level: 'warning' as const,
          subject: controller.name,
          finding: 'The identity mapping was edited; the one before stays in force.',
          remedy: 'Read this plan, then run `jenkins-scim apply`: that takes the new mapping into force.',
          docs: 'docs/configuration.md#controllers',
        },
      ]
    : [];
  const known = new Set(plan.findings.map(({ code, subject, finding }) => `${code}\u0000${subject}\u0000${finding}`));
  const policy = evaluation.findings.filter(
    ({ code, subject, finding }) => !known.has(`${code}\u0000${subject}\u0000${finding}`),
  );
  return {
    name: controller.name,
    mode: controller.mode,
    plan: { ...plan, findings: [...plan.findings, ...policy, ...held] },
    verdict,
    permissions: live.capabilities.permissions,
  };
}
