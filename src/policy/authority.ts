import type { PermissionInfo } from '../access/ports/controller.ts';
import { isAdministrative, isRefused } from './permissions.ts';

/** Permissions of one role as a controller knows them. */
export interface Resolved {
  /** Ids, sorted, no duplicates; titles where there is no catalogue. */
  readonly ids: readonly string[];
  readonly unknown: readonly string[];
  readonly refused: readonly string[];
  readonly disabled: readonly string[];
  /** Administrative by themselves or because they imply something that is. */
  readonly administrative: readonly string[];
}

/** Judges permissions, by a live catalogue where there is one. */
export class PermissionJudge {
  readonly #byName: ReadonlyMap<string, PermissionInfo> | undefined;
  readonly #administrative = new Set<string>();
  readonly #idOf: (written: string) => string;

  /** @param idOf ids of titles that are known without a controller */
  constructor(catalogue: readonly PermissionInfo[] | undefined, idOf: (written: string) => string) {
    this.#idOf = idOf;
    if (catalogue === undefined) return;
    const byId = new Map(catalogue.map((permission) => [permission.id, permission]));
    this.#byName = new Map([...catalogue.map((permission) => [permission.title, permission] as const), ...byId]);
    for (const { id } of catalogue) {
      if (!isAdministrative(id)) continue;
      for (
        let at: string | undefined = id;
        at !== undefined && !this.#administrative.has(at);
        at = byId.get(at)?.impliedBy
      )
        this.#administrative.add(at);
    }
  }

  resolve(written: readonly string[]): Resolved {
    const ids = new Set<string>();
    const [unknown, refused, disabled, administrative]: string[][] = [[], [], [], []];
    for (const name of written) {
      const known = this.#byName?.get(name) ?? this.#byName?.get(this.#idOf(name));
      const id = known?.id ?? (this.#byName === undefined ? name : this.#idOf(name));
      if (isRefused(this.#idOf(id))) refused!.push(name);
      else if (this.#byName !== undefined && known === undefined) unknown!.push(name);
      else {
        ids.add(id);
        if (known?.enabled === false) disabled!.push(name);
      }
      if (this.#administrative.has(id) || isAdministrative(this.#idOf(id))) administrative!.push(name);
    }
    return {
      ids: [...ids].sort(),
      unknown: unknown!,
      refused: refused!,
      disabled: disabled!,
      administrative: administrative!,
    };
  }
}
