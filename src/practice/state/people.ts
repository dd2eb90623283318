import { foldId, type IdStrategy } from '../../access/principal.ts';
import { type Person, readFromDisk } from './person.ts';

export type SavedPeople = ReadonlyMap<string, Person>;

/** User records: those in memory and those on disk, by what the realm folds ids to. */
export class People {
  readonly #live = new Map<string, Person>();
  readonly #disk: Map<string, Person>;
  readonly #id: () => string;
  readonly #userIds: IdStrategy;

  /** Reads all records from disk, as a start does; unsaved ones are gone. */
  constructor(disk: SavedPeople, id: () => string, now: number, userIds: IdStrategy) {
    this.#disk = new Map(disk);
    this.#id = id;
    this.#userIds = userIds;
    for (const [key, person] of this.#disk) this.#live.set(key, readFromDisk(person, id, now));
  }

  /** By exact id as the realm folds it (`User.getById(id, false)`). */
  get(id: string): Person | undefined {
    return this.#live.get(this.#key(id));
  }

  /** The record, made in memory where there is none (`User.getById(id, true)`). */
  need(id: string): Person {
    const known = this.get(id);
    if (known !== undefined) return known;
    const person: Person = { id, fullName: id, tokens: [], sshKeys: [], seed: this.#id(), credentials: 0 };
    this.#live.set(this.#key(id), person);
    return person;
  }

  /** Changes the record in memory only. */
  put(person: Person): void {
    this.#live.set(this.#key(person.id), person);
  }

  save(id: string): void {
    const person = this.get(id);
    if (person !== undefined) this.#disk.set(this.#key(id), person);
  }

  isSaved(id: string): boolean {
    return this.#disk.has(this.#key(id));
  }

  delete(id: string): void {
    this.#live.delete(this.#key(id));
    this.#disk.delete(this.#key(id));
  }

  /** Sorted by id, unsaved ones included (`User.getAll`). */
  all(): Person[] {
    return [...this.#live.values()].sort((a, b) => (this.#key(a.id) < this.#key(b.id) ? -1 : 1));
  }

  saved(): SavedPeople {
    return new Map(this.#disk);
  }

  #key(id: string): string {
    return foldId(id, this.#userIds);
  }
}
