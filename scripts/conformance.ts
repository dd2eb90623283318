// Runs test suites and clients that others wrote against the real service on the loopback. `npm run conformance [NAME …]`.
// What the machine lacks is said in a line; in CI it is a failure.
import { Absent } from '../test/conformance/absent.ts';
import type { Suite } from '../test/conformance/check.ts';
import { EXCEPTIONS } from '../test/conformance/exceptions.ts';
import { captainGoldfish, unboundId } from '../test/conformance/java.ts';
import { judge } from '../test/conformance/judge.ts';
import { scim2Models, scim2Tester, scimSanity } from '../test/conformance/python.ts';
import { startConformanceService } from '../test/conformance/service.ts';

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const suites = [scim2Tester, scim2Models, scimSanity, unboundId, captainGoldfish].filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);
if (suites.length === 0) {
  say(`No suite is called ${wanted.join(', ')}.`);
  process.exit(1);
}
const connectionOf = (index: number): string => `suite-${index + 1}`;
const service = await startConformanceService(
  Object.fromEntries(suites.map(({ profile }, index) => [connectionOf(index), profile])),
);
const totals = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const [index, suite] of suites.entries()) await report(suite, await service.token(connectionOf(index)));
} finally {
  await service.close();
}
say(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function report(suite: Suite, token: string): Promise<void> {
  say(`\n${suite.name}, profile ${suite.profile}`);
  try {
    const { passed, failed, skipped, excepted, unused } = judge(
      suite.name,
      await suite.run(service.url, token),
      EXCEPTIONS,
    );
    for (const { name, reason } of excepted) say(`  as argued  ${name}: ${oneLine(reason)}`);
    for (const { name, reason } of skipped) say(`  skipped    ${name}${name === reason ? '' : `: ${oneLine(reason)}`}`);
    for (const { name, reason } of failed) say(`  FAILED     ${name}: ${oneLine(reason)}`);
    for (const { check } of unused) say(`  FAILED     the exception for ${check} is needed no more: remove it`);
    say(
      `  ${passed.length} passed, ${excepted.length} fail as argued, ${failed.length} failed, ${skipped.length} skipped`,
    );
    totals.passed += passed.length + excepted.length;
    totals.failed += failed.length + unused.length;
    totals.skipped += skipped.length;
  } catch (error) {
    if (error instanceof Absent && process.env.CI !== 'true') {
      totals.skipped += 1;
      say(`  NOT RUN: ${error.message}`);
      return;
    }
    totals.failed += 1;
    say(`  FAILED     ${error instanceof Error ? error.message : String(error)}`);
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 300);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
