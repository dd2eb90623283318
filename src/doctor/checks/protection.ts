import { isHatch } from '../../access/escapeHatch.ts';
import { foldId } from '../../access/principal.ts';
import { globMatches } from '../../config/glob.ts';
import { check, type Verdict } from '../check.ts';
import { administersByItself } from '../ownEntry.ts';
import type { ControllerProbe } from '../probes.ts';

type Code =
  | 'controller.own-account-unprotected'
  | 'controller.break-glass-absent'
  | 'controller.break-glass-unprotected'
  | 'controller.break-glass-powerless'
  | 'controller.break-glass-unusable';

/** The realm of Jenkins itself: whoever logs in there has a password in the record. */
const LOCAL = 'hudson.security.HudsonPrivateSecurityRealm';

/** OpenID Connect: of passwords it takes that of its escape hatch alone, whatever a record has. */
const OPENID = 'org.jenkinsci.plugins.oic.OicSecurityRealm';

/** Is there always somebody who can get in, whatever the identity provider says? */
export const protection = check<Code>(
  {
    'controller.own-account-unprotected': {
      level: 'warning',
      remedy: 'Add the account to controllers.{subject}.protect.users, so that readers of the file see it.',
    },
    'controller.break-glass-absent': {
      level: 'warning',
      remedy: 'Name a local administrator under controllers.{subject}.breakGlass and keep its password sealed.',
    },
    'controller.break-glass-unprotected': {
      level: 'warning',
      remedy: 'Add it to controllers.{subject}.protect.users.',
    },
    'controller.break-glass-powerless': {
      level: 'error',
      remedy: 'Give it Overall/Administer by a USER entry of a global role that is not in the policy.',
    },
    'controller.break-glass-unusable': {
      level: 'warning',
      remedy:
        'Make the account there and log in with it once; then seal its password. With OpenID Connect, name the user of the escape hatch, or seal an API token.',
    },
  },
  ({ controllers }) => controllers.flatMap(judge),
);

function judge(probe: ControllerProbe): Verdict<Code>[] {
  const { config, observed, capabilities, breakGlass } = probe;
  const ids = capabilities?.userIds ?? 'case-insensitive';
  // Without regard to case, as `protect` is applied.
  const loose = (text: string): string => foldId(text, 'case-insensitive');
  const covered = (id: string): boolean =>
    config.protect.users.some((glob) => globMatches(loose(glob), loose(foldId(id, ids))));
  const found: Verdict<Code>[] = [];
  if (!covered(config.user))
    found.push({
      code: 'controller.own-account-unprotected',
      subject: config.name,
      finding: `protect.users does not cover ${config.user}.`,
    });
  const own = foldId(config.user, ids);
  const others = config.breakGlass.filter((id) => foldId(id, ids) !== own);
  if (others.length === 0)
    found.push({
      code: 'controller.break-glass-absent',
      subject: config.name,
      finding:
        config.breakGlass.length === 0
          ? 'No break-glass account is named.'
          : `${config.user} is the account of the service itself: it helps nobody in.`,
    });
  for (const id of others) {
    if (!covered(id))
      found.push({
        code: 'controller.break-glass-unprotected',
        subject: config.name,
        finding: `protect.users does not cover ${id}.`,
      });
    const state = breakGlass?.find((one) => foldId(one.id, ids) === foldId(id, ids));
    if (state !== undefined && state.record === undefined)
      found.push({
        code: 'controller.break-glass-unusable',
        subject: config.name,
        finding: `There is no account ${id}; nobody ever logged in by that name.`,
      });
    else if (state?.error !== undefined)
      found.push({
        code: 'controller.break-glass-unusable',
        subject: config.name,
        finding: `The record of ${id} cannot be read there: ${state.error}`,
      });
    else if (state?.password === false && capabilities?.realm === LOCAL)
      found.push({
        code: 'controller.break-glass-unusable',
        subject: config.name,
        finding: `${id} has no password there.`,
      });
    else if (capabilities?.realm === OPENID && !isHatch(capabilities, id) && state?.tokens.length === 0)
      found.push({
        code: 'controller.break-glass-unusable',
        subject: config.name,
        finding: `Its realm asks the OpenID provider about ${id}: the escape hatch is not for it, and it has no API token.`,
      });
    if (observed !== undefined && !administersByItself(observed, id, ids))
      found.push({
        code: 'controller.break-glass-powerless',
        subject: config.name,
        finding: `${id} cannot administer by an entry of its own.`,
      });
  }
  return found;
}
