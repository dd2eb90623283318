import type { Evaluation } from '../../src/policy/evaluation.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { nameKey } from '../../src/policy/facts.ts';
export const testPolicy = { async current() { return {
  digest: 'p1',
  evaluate(facts: Facts): Evaluation {
    const roles = new Map<string, any>(); const grants: any[] = [];
    for (const g of facts.groups.values()) { const m = /^ci-([a-z]+)-dev$/.exec(g.displayName); const admin = g.displayName === 'jenkins-admins'; if (!m && !admin) continue;
      const role = admin ? { type: 'global', name: 'administrator', pattern: '.*', permissions: ['hudson.model.Hudson.Administer'] } : { type: 'item', name: `${m![1]}-developer`, pattern: `\\Q${m![1]}\\E($|/.*)`, permissions: ['hudson.model.Item.Build','hudson.model.Item.Read'] };
      roles.set(role.name, { ...role, policyRole: 'r', file: 'p.yaml', line: 1, existing: false, administrative: admin, entries: 'additive' });
      for (const p of facts.people) { const e = p.groups.find((x) => x.group === g.id); if (e && p.active) grants.push({ role: { type: role.type, name: role.name }, person: p.id, reasons: [{ rule: 'r', file: 'p.yaml', line: 1, policy: 'p1', group: g.displayName, groupId: g.id, since: e.since, request: e.request }] }); } }
    return { policy: 'p1', roles: [...roles.values()], grants, blocked: [], bind: [], expired: [], frozen: [], findings: [] };
  }, whyNot: () => [], nextUntil: () => undefined }; } };
void nameKey;
