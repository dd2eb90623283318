import { controllerConformance } from '../jenkins/conformance.ts';
import { driver, practise, SERVICE } from './stage.ts';

controllerConformance('practice controller', async () => {
  const practice = await practise();
  const controller = driver(practice);
  return {
    controller,
    account: SERVICE,
    hands: {
      assign: async (role, principal) => practice.hands.grant(role, principal.id, principal.type),
      unassign: async (role, principal) => practice.hands.revoke(role, principal.id, principal.type),
      person: async (id, belongings) => {
        const { hands } = practice;
        if (belongings.password === true) hands.account(id, 'first password');
        for (const name of belongings.tokens ?? []) hands.mintToken(id, name);
        if (belongings.legacyToken === true) hands.legacyToken(id);
        for (let key = 0; key < (belongings.sshKeys ?? 0); key++) hands.addSshKey(id);
      },
      forget: async (id) => practice.hands.forget(id),
    },
    close: async () => {
      await controller.close();
      await practice.close();
    },
  };
});
