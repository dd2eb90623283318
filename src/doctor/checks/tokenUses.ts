import { check, type Verdict } from '../check.ts';
import type { UsesProbe } from '../probes.ts';

type Code = 'controller.used-by-others' | 'controller.several-tokens' | 'controller.uses-uncounted';

/** Does anybody else use the service's API token? */
export const tokenUses = check<Code>(
  {
    'controller.used-by-others': {
      level: 'error',
      remedy:
        'Who has the token may do whatever the service may. Make a new one: `jenkins-scim controller rotate-token {subject}`, and end all others by the same with `--complete --force`; then look for who had it, and at what was changed there meanwhile.',
    },
    'controller.several-tokens': {
      level: 'warning',
      remedy:
        'The service uses one. End all others: `jenkins-scim controller rotate-token {subject} --complete`; what else needs one has an account of its own.',
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

function judge({ controller, account, counted, tokens = 1, others }: UsesProbe): Verdict<Code>[] {
  const verdict = (code: Code, finding: string): Verdict<Code> => ({ code, subject: controller, finding });
  if (others !== undefined) {
    const { count, after, before } = others;
    const told = `${count} time(s) more than by this service, between ${after} and ${before}`;
    return [verdict('controller.used-by-others', `API tokens of ${account} were used ${told}.`)];
  }
  const several = `${account} had ${tokens} API tokens at the last look.`;
  const blind = 'Jenkins does not count how often API tokens are used: nobody notices when somebody else has ours.';
  return [
    ...(tokens < 2 ? [] : [verdict('controller.several-tokens', several)]),
    ...(counted ? [] : [verdict('controller.uses-uncounted', blind)]),
  ];
}
