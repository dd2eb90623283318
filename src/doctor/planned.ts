import type { Finding } from '../access/finding.ts';

/**
 * What plans find about roles and rules: a role that is blocked on a controller, or one made by hand in the way, is nobody's step
 * (semantics §3, §10). What they find about single people is left to `plan` and `explain`.
 */
export function plannedFindings(
  controllers: readonly { readonly name: string; readonly findings?: readonly Finding[] }[],
): Finding[] {
  return controllers.flatMap(({ name, findings = [] }) =>
    findings.filter(isOfPolicy).map((found) => placed(found, name)),
  );
}

function isOfPolicy({ code, level }: Finding): boolean {
  return level !== 'info' && /^(policy|role)\./.test(code);
}

/** A role is named with its controller. */
function placed(finding: Finding, controller: string): Finding {
  return finding.code.startsWith('role.') ? { ...finding, subject: `${controller}: ${finding.subject}` } : finding;
}
