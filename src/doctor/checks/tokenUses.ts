import { check, type Verdict } from '../check.ts';
import type { UsesProbe } from '../probes.ts';

type Code = 'controller.used-by-others' | 'controller.uses-uncounted';

/** Does anybody else use the service's API token? */
export const tokenUses = check<Code>(
  {
    'controller.used-by-others': {
      level: 'error',
      remedy:
        'Who has the token may do whatever the service may. Make a new API token for the account, store it where apiToken points, revoke the old one on Jenkins; then look for who had it, and at what was changed there meanwhile.',
    },
    'controller.uses-uncounted': {
      level: 'info',
      remedy: 'Switch on "Enable API Token usage statistics" under Manage Jenkins, Security, API Token.',
    },
  },
  ({ config, uses = [] }) => {
    const configured = new Map(config.controllers.map(({ name, user }) => [name, user]));
    return uses.filter(({ controller, account }) => configured.get(controller) === account).flatMap(judge);
  },
);

function judge({ controller, account, counted, others }: UsesProbe): Verdict<Code>[] {
  if (others !== undefined) {
    const { count, after, before } = others;
    const finding = `API tokens of ${account} were used ${count} time(s) more than by this service, between ${after} and ${before}.`;
    return [{ code: 'controller.used-by-others', subject: controller, finding }];
  }
  if (counted) return [];
  const finding = 'Jenkins does not count how often API tokens are used: nobody notices when somebody else has ours.';
  return [{ code: 'controller.uses-uncounted', subject: controller, finding }];
}
