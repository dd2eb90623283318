import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Controller } from '../src/access/ports/controller.ts';
import { SILENT } from '../src/access/ports/log.ts';
import { systemClock, systemRandom, systemTimers } from '../src/cli/edge.ts';
import { createController } from '../src/jenkins/controller.ts';
import { createHttp } from '../src/jenkins/http.ts';
import { startPractice } from '../src/practice/controller.ts';
import type { Target } from './service.ts';

/** The controller that is measured against: the practice one, or a real one. */
export interface Measured extends Target {
  readonly real: boolean;
  /** Direct, past the service: for looks and floors. */
  readonly direct: Controller;
  holders(role: string): Promise<readonly string[]>;
  /** Saves since the start; absent on a real one. */
  saves(): number | undefined;
  /** A token for somebody, made by hand; absent on a real one. */
  equip?(id: string): void;
  close(): Promise<void>;
}

export interface RealOptions {
  readonly jenkins: string;
  readonly user: string;
  readonly tokenFile: string;
}

export async function measured(real: RealOptions | undefined): Promise<Measured> {
  if (real !== undefined) {
    const url = real.jenkins.endsWith('/') ? real.jenkins : `${real.jenkins}/`;
    const target = { url, user: real.user, token: readFileSync(real.tokenFile, 'utf8').trim() };
    const controller = direct(target);
    const holders = async (role: string) => {
      const { roles } = await controller.observe();
      return roles.filter(({ name }) => name === role).flatMap(({ entries }) => entries.map(({ id }) => id));
    };
    return {
      ...target,
      real: true,
      direct: controller,
      holders,
      saves: () => undefined,
      close: () => controller.close(),
    };
  }
  const token = `11${randomBytes(16).toString('hex')}`;
  const practice = await startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: 'jenkins-scim',
    token,
    users: [{ id: 'admin', password: randomUUID(), administrator: true }],
  });
  const target = { url: practice.url, user: 'jenkins-scim', token };
  const controller = direct(target);
  return {
    ...target,
    real: false,
    direct: controller,
    holders: async (role) => practice.look.holders(role),
    saves: () => practice.look.saves,
    equip: (id) => {
      practice.hands.mintToken(id);
      practice.hands.addSshKey(id);
    },
    async close() {
      await controller.close();
      await practice.close();
    },
  };
}

function direct({ url, user, token }: Target): Controller {
  return createController(
    { name: 'bench', url, user },
    {
      http: createHttp({ timers: systemTimers }),
      secret: () => token,
      clock: systemClock,
      timers: systemTimers,
      random: systemRandom,
      log: SILENT,
      timeout: 60_000,
      lineage: 'bench',
    },
  );
}
