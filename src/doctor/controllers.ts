import type { Clock } from '../access/ports/clock.ts';
import type { Controller } from '../access/ports/controller.ts';
import type { ControllerConfig } from '../config/schema.ts';
import { refuse, ScimError } from '../errors.ts';
import type { ControllerProbe } from './probes.ts';

/** Asks every controller at once; one that fails never stops another. */
export async function gatherControllers(
  configured: readonly ControllerConfig[],
  open: (config: ControllerConfig) => Promise<Controller>,
  clock: Clock,
  say: (text: string) => void,
): Promise<ControllerProbe[]> {
  return Promise.all(
    configured.map(async (config) => {
      const probe = await gather(config, open, clock);
      say(`${config.name} ${probe.error === undefined ? 'answered' : 'failed'}`);
      return probe;
    }),
  );
}

/** Who are we, what is it, what does it hold: as far as it answers. */
async function gather(
  config: ControllerConfig,
  open: (config: ControllerConfig) => Promise<Controller>,
  clock: Clock,
): Promise<ControllerProbe> {
  let probe: ControllerProbe = { config };
  let controller: Controller | undefined;
  try {
    controller = await open(config);
    const whoAmI = await controller.whoAmI();
    probe = { ...probe, whoAmI };
    const wrong = identityProblem(config, whoAmI.name, whoAmI.anonymous);
    if (wrong !== undefined) return { ...probe, error: wrong };
    const asked = clock.now();
    const capabilities = await controller.probe();
    // The controller read its clock somewhere between the two.
    probe = { ...probe, capabilities, readAt: Math.round((asked + clock.now()) / 2) };
    probe = { ...probe, observed: await controller.observe() };
    if (config.breakGlass.length === 0) return probe;
    return { ...probe, breakGlass: await controller.people(config.breakGlass) };
  } catch (error) {
    if (error instanceof ScimError) return { ...probe, error };
    throw error;
  } finally {
    await controller?.close();
  }
}

function identityProblem(config: ControllerConfig, name: string, anonymous: boolean): ScimError | undefined {
  const { name: controller, user } = config;
  if (anonymous) return refuse('JEN_CREDENTIAL', { controller, user });
  return name.toLowerCase() === user.toLowerCase()
    ? undefined
    : refuse('JEN_WRONG_USER', { controller, user, found: name });
}
