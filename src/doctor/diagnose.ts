import type { Finding, Level } from '../access/finding.ts';
import type { Check, Diagnosis } from './check.ts';
import { clock } from './checks/clock.ts';
import { configuredConnections } from './checks/configuredConnections.ts';
import { connections } from './checks/connections.ts';
import { controllerCredential } from './checks/controllerCredential.ts';
import { controllerReach } from './checks/controllerReach.ts';
import { controllerWork } from './checks/controllerWork.ts';
import { database } from './checks/database.ts';
import { disk } from './checks/disk.ts';
import { externalUrl } from './checks/externalUrl.ts';
import { files } from './checks/files.ts';
import { hardening } from './checks/hardening.ts';
import { held } from './checks/held.ts';
import { leavers } from './checks/leavers.ts';
import { namesakes } from './checks/namesakes.ts';
import { older } from './checks/older.ts';
import { ownClock } from './checks/ownClock.ts';
import { paused } from './checks/paused.ts';
import { policy } from './checks/policy.ts';
import { protection } from './checks/protection.ts';
import { scimTokens } from './checks/scimTokens.ts';
import { storage } from './checks/storage.ts';
import { strategy } from './checks/strategy.ts';
import { tokenUses } from './checks/tokenUses.ts';
import { uniqueness } from './checks/uniqueness.ts';
import type { Probes } from './probes.ts';

/** Every check, the ones that break a set-up most often first. */
const CHECKS: readonly Check[] = [
  storage,
  database,
  disk,
  scimTokens,
  controllerCredential,
  externalUrl,
  controllerReach,
  controllerWork,
  tokenUses,
  strategy,
  protection,
  hardening,
  ownClock,
  clock,
  configuredConnections,
  connections,
  leavers,
  older,
  held,
  paused,
  uniqueness,
  namesakes,
  policy,
  files,
];

/** What cannot be told where the database cannot be asked. */
const STORED: readonly Check[] = [
  scimTokens,
  connections,
  leavers,
  held,
  paused,
  uniqueness,
  namesakes,
  older,
  controllerWork,
  tokenUses,
];

/** Every code the doctor can give, with level and remedy. */
export const CODES: Readonly<Record<string, Diagnosis>> = Object.assign({}, ...CHECKS.map((check) => check.codes));

/** Codes after which nothing more is known of a controller, or of what is stored. */
const UNEXAMINED: ReadonlySet<string> = new Set([
  'storage.unusable',
  'controller.unreachable',
  'controller.tls',
  'controller.tls-expired',
  'controller.tls-name',
  'controller.tls-plain',
  'controller.timeout',
  'controller.broken',
  'controller.restarting',
  'controller.wrong-host',
  'controller.realm',
  'controller.secret',
  'controller.credential',
  'controller.wrong-user',
  'controller.rights',
  'controller.strategy',
]);

const ORDER: readonly Level[] = ['error', 'warning', 'info'];

/** All findings, worst first, in the order of the checks; the policy's own included. Pure. */
export function diagnose(probes: Probes): Finding[] {
  const judges = probes.storageError === undefined ? CHECKS : CHECKS.filter((check) => !STORED.includes(check));
  const found = [
    ...judges.flatMap((check) => check.judge(probes)),
    ...distinct([...(probes.policy ?? []), ...(probes.planned ?? [])]),
  ];
  return ORDER.flatMap((level) => found.filter((finding) => finding.level === level));
}

/** What is found on several controllers, or by several looks, and is the same, once. */
function distinct(findings: readonly Finding[]): Finding[] {
  const byText = new Map(
    findings.map((finding) => [JSON.stringify([finding.code, finding.subject, finding.finding]), finding]),
  );
  return [...byText.values()];
}

/** 1 where a controller or the database could not be examined, 2 where there is something to do, else 0. */
export function exitCode(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ code }) => UNEXAMINED.has(code))) return 1;
  return findings.some((finding) => finding.level !== 'info') ? 2 : 0;
}
