import type { Finding } from '../../access/finding.ts';
import type { Controller } from '../../access/ports/controller.ts';
import type { Config, ControllerConfig } from '../../config/schema.ts';
import { gatherControllers } from '../../doctor/controllers.ts';
import { diagnose, exitCode } from '../../doctor/diagnose.ts';
import { probeDisk } from '../../doctor/disk.ts';
import { probeExternal } from '../../doctor/external.ts';
import { probeFiles } from '../../doctor/files.ts';
import { plannedFindings } from '../../doctor/planned.ts';
import type { ControllerProbe } from '../../doctor/probes.ts';
import { ScimError } from '../../errors.ts';
import type { DirectoryGroup } from '../answers.ts';
import type { Engine } from '../engine.ts';
import { action, commandOf, type Host, type Register } from '../invocation.ts';
import { stderrLog } from '../logging.ts';
import type { EngineOptions } from '../modules.ts';
import { outcome } from '../outcome.ts';
import { findingsText } from '../print/findings.ts';
import { progress } from '../progress.ts';
import { byOperator, configuration, knownController } from '../session.ts';

/** `doctor`: every check, each with code, finding and remedy. Reads only. */
export const registerDoctor: Register = (program, host) => {
  commandOf(
    program,
    'doctor',
    'what is wrong with the set-up, and what to do',
    'jenkins-scim doctor --controller ci-main',
  )
    .option('--controller <name>', 'this controller only')
    .option('--deep', 'read every page of the database, too')
    .action(
      action<{ controller?: string; deep?: boolean }>(host, async (invocation) => {
        const config = configuration(invocation);
        const { controller: only } = invocation.options;
        knownController(config, only);
        const selected = config.controllers.filter(({ name }) => only === undefined || name === only);
        const shown = progress(host.terminal);
        const by = byOperator(invocation);
        const stored = await storedProbes(host, config, selected, by);
        const disk = await probeDisk(config, host.disk, invocation.options.deep === true);
        const [controllers, external, policy] = await Promise.all([
          probedControllers(host, config, selected, shown.say),
          probeExternal(config, host.ask),
          lint(host, config, stored.groups),
        ]);
        const found = stored.storageError === undefined ? await planned(host, config, controllers, by) : [];
        shown.done();
        const findings = diagnose({
          now: host.clock.now(),
          config,
          files: probeFiles(config, invocation.config),
          ...stored,
          controllers,
          ...policy,
          planned: found,
          ...(external === undefined ? {} : { external }),
          ...(disk === undefined ? {} : { disk }),
        });
        return outcome(exitCode(findings), { findings }, findingsText(findings, 'Nothing to do.'));
      }),
    );
};

/** Counted like all that is asked of them, so that nobody takes it for somebody else's. */
async function probedControllers(
  host: Host,
  { database, sync: { timeout } }: Config,
  selected: readonly ControllerConfig[],
  say: (text: string) => void,
): Promise<ControllerProbe[]> {
  const uses = await host.modules.uses(database);
  const open = (config: ControllerConfig): Promise<Controller> =>
    host.modules.controller(config, { timeout, ...(uses === undefined ? {} : { uses: uses.of(config.name) }) });
  try {
    return await gatherControllers(selected, open, host.clock, say);
  } finally {
    await uses?.close();
  }
}

/** What the database knows of these controllers, or why it cannot be asked: the rest is examined all the same. */
async function storedProbes(
  host: Host,
  config: Config,
  selected: readonly ControllerConfig[],
  by: EngineOptions,
): Promise<Awaited<ReturnType<Engine['probes']>> & Refused> {
  try {
    const engine = await host.modules.engine(config, stderrLog(host.environment, 'warn'), by);
    try {
      return aboutThese(await engine.probes(), new Set(selected.map(({ name }) => name)));
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    const none = { tokens: [], connections: [], leavers: [], held: [], groups: [], paused: [] };
    return { ...none, storageError: error };
  }
}

function aboutThese<P extends Awaited<ReturnType<Engine['probes']>>>(probes: P, names: ReadonlySet<string>): P {
  const ours = ({ controller }: { readonly controller: string }): boolean => names.has(controller);
  const { leavers, held, older, neverAsked, uses, paused, seen } = probes;
  return {
    ...probes,
    leavers: leavers.filter(ours),
    held: held.filter(ours),
    paused: paused.filter(({ kind, name }) => kind === 'connection' || names.has(name)),
    ...(older === undefined ? {} : { older: older.filter(ours) }),
    ...(neverAsked === undefined ? {} : { neverAsked: neverAsked.filter(ours) }),
    ...(uses === undefined ? {} : { uses: uses.filter(ours) }),
    ...(seen === undefined ? {} : { seen: seen.filter(ours) }),
  };
}

/** What would be found by `plan` on each controller that answered. */
async function planned(
  host: Host,
  config: Config,
  probes: readonly ControllerProbe[],
  by: EngineOptions,
): Promise<Finding[]> {
  const names = probes.filter(({ error }) => error === undefined).map((probe) => probe.config.name);
  if (names.length === 0) return [];
  const engine = await host.modules.engine(config, stderrLog(host.environment, 'warn'), by);
  try {
    // The file as it is: a look brings no policy into force, which would end what waits for a group that is gone.
    const plans = await Promise.all(names.map((controller) => engine.plan({ controller, policy: config.policy })));
    return plannedFindings(plans.flatMap(({ document }) => document.controllers));
  } catch (error) {
    // What is wrong with the file is told beside this.
    if (error instanceof ScimError && error.code.startsWith('POL_')) return [];
    throw error;
  } finally {
    await engine.close();
  }
}

type Refused = { readonly storageError?: ScimError };

/** An empty directory says nothing about rules: that is told of the connections. */
async function lint(host: Host, config: Config, groups: readonly DirectoryGroup[]) {
  try {
    const around = groups.length === 0 ? { config } : { config, groups };
    return { policy: (await host.modules.policy.lint(config.policy, around)).findings };
  } catch (error) {
    if (error instanceof ScimError) return { policyError: error };
    throw error;
  }
}
