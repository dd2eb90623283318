import { systemClock, systemRandom, systemTimers } from '../../src/cli/edge.ts';
import { startPractice } from '../../src/practice/controller.ts';
import { openDriver } from '../driver.ts';
import type { Stage } from '../stage.ts';

const USER = 'jenkins-scim';
/** Restarts as they were recorded, but shorter. */
const SPEED = 5;

/** The practice controller; the rig is its own hands. */
export async function practiceStage(lineage: string): Promise<Stage> {
  const token = `11${Buffer.from(systemRandom.bytes(16)).toString('hex')}`;
  const practice = await startPractice({
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    user: USER,
    token,
    items: ['pay', 'web', 'data'].map((fullName) => ({ fullName })),
    speed: SPEED,
  });
  const { hands } = practice;
  const controller = openDriver(practice.url, USER, token, lineage);
  return {
    name: 'practice controller',
    url: practice.url,
    user: USER,
    token,
    controller,
    rig: {
      account: async (id, password) => hands.account(id, password),
      token: async (id) => hands.mintToken(id),
      legacyToken: async (id) => hands.legacyToken(id),
      sshKey: async (id) => hands.addSshKey(id),
      sshSession: async (id) => {
        hands.openSshSession(id);
        return true;
      },
      cliCommand: async (id) => {
        hands.openSshSession(id);
        return { ended: () => practice.look.person(id).sshSessions === 0 };
      },
      forget: async (id) => hands.forget(id),
      job: async (name, remoteToken) => {
        hands.job(name, remoteToken);
        return true;
      },
      dropJob: async (name) => hands.dropJob(name),
      credential: async (id) => {
        hands.addCredential(id);
        return true;
      },
      anotherStrategy: async () => {
        hands.useStrategy('hudson.security.FullControlOnceLoggedInAuthorizationStrategy');
        return async () => hands.useStrategy();
      },
      restart: async () => {
        void hands.restart();
      },
    },
    async close() {
      await controller.close();
      await practice.close();
    },
  };
}
