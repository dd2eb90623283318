import { CONTROLLERS, controllerAt } from './controllers.ts';
import { look } from './look.ts';
import { PEOPLE } from './names.ts';
import { type PolicyShape, policyText } from './policies.ts';
import type { Of } from './step.ts';
import type { Walker } from './walker.ts';

// Edits of the policy.

const HOUR = 3_600_000;

export async function policy(walker: Walker, { edit, who }: Of<'policy'>): Promise<void> {
  await look(walker, false);
  const shape = edited(walker, edit, who);
  walker.say(`policy ${JSON.stringify(shape)}`);
  walker.house.setPolicy(policyText(shape, ++walker.version));
  walker.oracle.edit(shape);
  await look(walker, true);
}

/** What was in force goes on. */
export function brokenPolicy(walker: Walker): void {
  walker.say('policy is broken');
  walker.house.setPolicy(`rules: [${++walker.version}`);
  walker.house.time.forward(3_000);
}

function edited(walker: Walker, edit: number, who: number): PolicyShape {
  const { house, version } = walker;
  const { shape, paused } = walker.oracle;
  switch (edit % 18) {
    case 11:
      return { ...shape, exclusive: !shape.exclusive };
    case 12:
      return { ...shape, renamed: !shape.renamed };
    case 13:
      return { ...shape, parents: !shape.parents };
    case 14:
      return { ...shape, admins: !shape.admins };
    case 15:
      return { ...shape, discover: !shape.discover };
    case 16:
      return { ...shape, spared: !shape.spared };
    case 17:
      return { ...shape, calledAnew: !shape.calledAnew };
    case 8: {
      const { interim } = shape;
      // What has ended stays so, whatever the file says later.
      if (
        interim === undefined ||
        CONTROLLERS.some((name) => !walker.works(name)) ||
        paused.size > 0 ||
        walker.oracle.isDoubtful
      )
        return shape;
      return { ...shape, interim: { ...interim, until: house.time.now() + 12 * HOUR } };
    }
    case 9:
      return { ...shape, external: shape.external === 'off' ? 'on' : 'off' };
    case 10:
      return { ...shape, external: shape.external === 'unless' ? 'on' : 'unless' };
    case 7:
      return { ...shape, bot: !shape.bot };
    case 0:
      return { ...shape, unless: !shape.unless };
    case 1:
      return shape.auditorsOnly === undefined
        ? { ...shape, auditorsOnly: controllerAt(who) }
        : without(shape, 'auditorsOnly');
    case 2:
      return { ...shape, entra: !shape.entra };
    case 3:
      return { ...shape, everyone: !shape.everyone };
    case 4:
      return { ...shape, qa: !shape.qa };
    case 5:
      return { ...shape, moreForDevelopers: !shape.moreForDevelopers };
    default: {
      if (shape.interim !== undefined) return without(shape, 'interim');
      const user = PEOPLE[who % PEOPLE.length]!;
      return { ...shape, interim: { id: `interim-${version}`, user, until: house.time.now() + 12 * HOUR } };
    }
  }
}

function without<K extends keyof PolicyShape>(shape: PolicyShape, key: K): PolicyShape {
  const { [key]: _, ...rest } = shape;
  return rest as PolicyShape;
}
