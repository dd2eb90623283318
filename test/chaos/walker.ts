import type { Profile } from '../../src/config/connection.ts';
import { Losses } from './ceilings.ts';
import type { Ceilings, ConnectionName, Identities, Modes } from './configuration.ts';
import { CONTROLLERS, type ControllerName, each, foldOn } from './controllers.ts';
import type { Answer, Method, Request } from './front.ts';
import type { Beginning, House } from './house.ts';
import type { Group, Person } from './known.ts';
import { Oracle } from './oracle.ts';
import { FIRST } from './policies.ts';
import { Standing } from './standing.ts';

/** `copied`: by other means than the command; `hasty`: an operator resumes before the provider says anew what is. */
export interface Backup {
  readonly file: string;
  readonly copied: boolean;
  readonly hasty: boolean;
}

export type Out = 'waits' | 'let-go' | 'never';

/** Who takes a walk: the service, what has to be true of it, what stands on the controllers, and what is set just now. */
export class Walker {
  readonly house: House;
  readonly profiles: Readonly<Record<ConnectionName, Profile>>;
  readonly say: (line: string) => void;
  readonly oracle = new Oracle(FIRST);
  readonly standing: Standing;
  /** What was taken away lately. */
  readonly losses: Losses;
  ceilings: Ceilings;
  /** How many texts of the policy there were. */
  version = 0;
  modes: Modes = each(() => 'enforce');
  /** Which attribute is the id, by the file. */
  identities: Identities;
  /** A backup that is put back when the walk is over. */
  backup: Backup | undefined;
  /** How many people were made. */
  created = 0;
  /** Controllers that an operator stopped, or a restore. */
  readonly stopped = new Map<ControllerName, 'paused' | 'on-hold'>();
  /** Controllers that are not configured; of some of them an operator let go, some never were. */
  readonly out = new Map<ControllerName, Out>();
  /** Requests so far. */
  #asked = 0;
  /** Hands, a restart or time may have changed what only a full read finds. */
  needsWhole = false;
  /** For so many steps no process runs, and there is nothing to wait for. */
  dark = 0;

  constructor(
    house: House,
    say: (line: string) => void,
    { ceilings, profiles, identities }: Pick<Beginning, 'ceilings' | 'profiles' | 'identities'>,
  ) {
    this.profiles = profiles;
    this.identities = identities;
    Object.assign(this.oracle.identity, identities);
    this.house = house;
    this.say = say;
    this.ceilings = ceilings;
    this.standing = new Standing(house, this.oracle, ceilings !== 'loose');
    this.losses = new Losses(this.standing);
  }

  /** Whether the service acts there. */
  works(name: ControllerName): boolean {
    return this.modes[name] === 'enforce' && this.reads(name);
  }

  /** Whether the service acts there, and takes nothing away. */
  adds(name: ControllerName): boolean {
    return this.modes[name] === 'add-only' && this.reads(name);
  }

  /** Whether the service looks there. */
  reads(name: ControllerName): boolean {
    return !this.stopped.has(name) && !this.out.has(name) && !this.house.troubled[name].down;
  }

  /** Those that are configured, or were. */
  get known(): ControllerName[] {
    return CONTROLLERS.filter((name) => this.out.get(name) !== 'never');
  }

  /** Whether everything goes on everywhere. */
  get running(): boolean {
    return this.known.every((name) => this.works(name)) && this.oracle.paused.size === 0;
  }

  /** The provider of a connection asks, and pushes again what was not answered. */
  scim(connection: ConnectionName, method: Method, path: string, body?: unknown, ifMatch?: string): Promise<Answer> {
    // Some of it by a token that may do this and no more.
    const kind = path.startsWith('/Users') ? 'users' : path.startsWith('/Groups') ? 'groups' : undefined;
    const token = kind === undefined || this.#asked++ % 3 > 0 ? {} : ({ token: kind } as const);
    const asked = { ...token, ...(body === undefined ? {} : { body }), ...(ifMatch === undefined ? {} : { ifMatch }) };
    return this.asked({ connection, method, path, ...asked });
  }

  asked(request: Request): Promise<Answer> {
    return this.house.scim(request, (id) => !this.oracle.people.has(id) && !this.oracle.groups.has(id));
  }

  /** Somebody is not active any more. */
  left(person: Person): void {
    if (person.active) this.moved(person);
    person.active = false;
    this.oracle.undeclare(person.id);
  }

  person(number: number): Person | undefined {
    const all = this.oracle.living();
    return all[number % Math.max(1, all.length)];
  }

  /** @param among ids of those that may be chosen; absent: everybody */
  several(numbers: readonly number[], connection: ConnectionName, among?: ReadonlySet<string>): Person[] {
    const all = this.oracle
      .living()
      .filter((one) => one.connection === connection && (among === undefined || among.has(one.id)));
    if (all.length === 0) return [];
    return [...new Set(numbers.map((number) => all[number % all.length]!))];
  }

  group(number: number): Group | undefined {
    const all = [...this.oracle.groups.values()].filter(({ deleted }) => !deleted);
    return all[number % Math.max(1, all.length)];
  }

  /** Credentials of these ids are no longer known to be safe, and what is only kept for them may go. */
  moved(person: Person): void {
    this.oracle.touched.add(person.id);
    this.oracle.called(person);
    for (const name of CONTROLLERS) {
      for (const text of [person.userName, person.externalId ?? '']) {
        this.oracle.passed.add(foldOn(name, text));
        this.standing.moved(name, foldOn(name, text));
      }
      const id = this.oracle.claims[name].get(person.id);
      if (id !== undefined) this.standing.moved(name, id);
    }
  }

  /** @throws where SCIM answered otherwise */
  expect(found: number, wanted: number): void {
    if (found !== wanted) throw new Error(`answered ${found} instead of ${wanted}`);
  }
}

export function nameOf({ userName, id, connection }: Person): string {
  return `${userName}(${connection[0]}${id.slice(-4)})`;
}
