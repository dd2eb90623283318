import type { Finding } from '../access/finding.ts';
import type { RoleType } from '../access/role.ts';
import type { Regex } from './captures/regex.ts';
import type { Template } from './captures/template.ts';
import type { Place } from './finding.ts';

/** One file of a policy; `path` is relative to the policy's folder. */
export interface PolicyFile {
  readonly path: string;
  readonly text: string;
}

/** Where a role reaches. */
export type PolicyScope =
  | { readonly kind: 'global' }
  | { readonly kind: 'folder'; readonly folder: Template; readonly children: boolean; readonly parents: boolean }
  | { readonly kind: 'existing'; readonly type: RoleType };

/** A role as the policy defines it; `extends` and presets are resolved. */
export interface PolicyRole extends Place {
  /** Its key under `roles:`. */
  readonly key: string;
  readonly scope: PolicyScope;
  /** Its name on Jenkins. */
  readonly name: Template;
  /** `Group/Name` or ids as written, no duplicates; empty for `existing`. */
  readonly permissions: readonly string[];
  readonly administer: boolean;
  readonly entries: 'additive' | 'exclusive';
  readonly renamedFrom?: Template;
  /** Captures that name and scope use, sorted. */
  readonly captures: readonly string[];
}

/** What `{name}` may be. */
export interface Capture extends Place {
  readonly key: string;
  /** Absent: one segment `[A-Za-z0-9._-]{1,64}`. */
  readonly matches?: Regex;
  readonly max?: number;
  readonly map: ReadonlyMap<string, string>;
}

/** A group as a rule names it. */
export type GroupRef = { readonly name: Template } | { readonly externalId: string };

/** A role a rule gives, with the captures that are given by hand. */
export interface GrantRef {
  readonly role: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Which controllers a rule is about: all, names and globs (any of them), or labels (each of them). */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, readonly string[]>> };

/** Whom a rule is about. */
export type Subject =
  | { readonly kind: 'groups'; readonly groups: readonly GroupRef[] }
  /** `until` in milliseconds since the epoch: from then on the rule gives nothing. */
  | { readonly kind: 'user'; readonly user: string; readonly until: number }
  /** `review` in milliseconds since the epoch. */
  | {
      readonly kind: 'principal';
      readonly principal: string;
      readonly owner: string;
      readonly reason: string;
      readonly review: number;
    };

export interface Rule extends Place {
  readonly id: string;
  readonly subject: Subject;
  readonly grants: readonly GrantRef[];
  readonly controllers: Selector;
  readonly unless: readonly GroupRef[];
  /** Connection; absent: the primary one. */
  readonly from?: string;
}

/** A policy without errors. */
export interface Policy {
  /** SHA-256 over paths and texts of its files. */
  readonly digest: string;
  readonly files: readonly string[];
  readonly roles: ReadonlyMap<string, PolicyRole>;
  readonly captures: ReadonlyMap<string, Capture>;
  /** By id, in the order of ids: the order in the file never matters. */
  readonly rules: readonly Rule[];
}

/** What reading gave. Without a policy at least one finding is an error. */
export type PolicyResult =
  | { readonly policy: Policy; readonly findings: readonly Finding[] }
  | { readonly policy?: undefined; readonly findings: readonly Finding[] };
