import type { Finding } from '../../access/finding.ts';
import type { ControllerView } from '../../plan/print/document.ts';
import type { Assessment } from './assessment.ts';

/** What was assessed, as it is printed and saved. */
export function viewOf(assessed: Assessment): ControllerView {
  const { controller, plan, verdict, live, evaluation } = assessed;
  const known = new Set(plan.findings.map(({ code, subject, finding }) => `${code}\u0000${subject}\u0000${finding}`));
  const policy = evaluation.findings.filter(
    ({ code, subject, finding }) => !known.has(`${code}\u0000${subject}\u0000${finding}`),
  );
  return {
    name: controller.name,
    mode: controller.mode,
    plan: {
      ...plan,
      findings: [
        ...plan.findings,
        ...policy,
        ...strategyFindings(assessed),
        ...identityFindings(assessed),
        ...clockFindings(assessed),
      ],
    },
    verdict,
    permissions: live.capabilities.permissions,
    ...(live.observed.unread === undefined ? {} : { error: `JEN_STRATEGY: ${live.observed.unread}` }),
  };
}

function strategyFindings({ controller, live: { observed } }: Assessment): Finding[] {
  if (observed.unread === undefined) return [];
  return [
    {
      code: 'controller.strategy',
      level: 'error',
      subject: controller.name,
      finding: `${observed.unread}: who left is cut off, and everything else waits.`,
      remedy: 'Choose "Role-Based Strategy" under Manage Jenkins > Security.',
      docs: 'docs/doctor.md#controllerstrategy',
    },
  ];
}

function identityFindings({ controller, situation }: Assessment): Finding[] {
  if (!situation.identityEdited) return [];
  return [
    {
      code: 'identity.edited',
      level: 'warning',
      subject: controller.name,
      finding: 'The identity mapping was edited; the one before stays in force until an operator applies.',
      remedy: 'Read this plan, then run `jenkins-scim apply`: that takes the new mapping into force.',
      docs: 'docs/configuration.md#controllers',
    },
  ];
}

/** Why nothing ends by time there now (semantics §6). */
function clockFindings({ controller, time, clockOff }: Assessment): Finding[] {
  const found: Finding[] = [];
  if (clockOff !== undefined)
    found.push({
      code: 'controller.clock',
      level: 'error',
      subject: controller.name,
      finding: `Its clock is ${Math.round(Math.abs(clockOff) / 1000)} s ${clockOff > 0 ? 'ahead of' : 'behind'} ours; expiries there are held.`,
      remedy: 'Run NTP on both hosts.',
      docs: 'docs/doctor.md#controllerclock',
    });
  if (!time.trusted)
    found.push({
      code: 'clock.untrusted',
      level: 'error',
      subject: controller.name,
      finding: 'The clock of this machine went back, or leapt ahead; nothing ends by time until it can be trusted.',
      remedy:
        'Set the clock right. After a leap ahead it is trusted again once it has run evenly for 30 minutes, or after a restart; one that went back is trusted again when it has caught up, or when `jenkins-scim clock accept` says that it is right.',
      docs: 'docs/plans.md#what-is-held',
    });
  return found;
}
