/** Times ending in `_ms` are milliseconds since the epoch, other times RFC 3339 text; booleans are 0 or 1. */
interface LeasesTable {
  controller: string;
  holder: string;
  fence: number;
  expires_ms: number;
}

/** What was learnt of a controller, and what an operator said of it. */
export interface ControllersTable {
  name: string;
  paused: number;
  /** Set by `db restore`: nothing is written until `resume`. */
  on_hold: number;
  capabilities: string | null;
  fingerprint: string | null;
  session: string | null;
  probed_ms: number | null;
  full_ms: number | null;
  error: string | null;
  error_ms: number | null;
  mode: string | null;
  identity: string | null;
}

interface PausedConnectionsTable {
  name: string;
}

/** People and groups a controller still has to be looked at for. */
interface PendingTable {
  controller: string;
  kind: 'user' | 'group';
  id: string;
  seq: number;
  marked_at: string;
  request: string | null;
}

/** Entries the service answers for: owned ones, and matched ones that were there before. */
export interface EntriesTable {
  controller: string;
  role_type: 'global' | 'item' | 'agent';
  role_name: string;
  entry_type: 'user' | 'group' | 'either';
  sid: string;
  standing: 'owned' | 'matched';
  person: string | null;
  /** Reasons as JSON; the last ones known. */
  reasons: string;
  /** When we gave it, an instant; empty where hands did, see `BY_HAND`. */
  since: string;
  /** Whether it was there when it was last read. */
  verified: number;
  desired: number;
}

export interface OwnedRolesTable {
  controller: string;
  role_type: 'global' | 'item' | 'agent';
  role_name: string;
  empty_since_ms: number | null;
}

/** Which person a Jenkins id belongs to on a controller (semantics §1). */
export interface ClaimsTable {
  controller: string;
  folded_id: string;
  id: string;
  person: string;
  connection: string;
  state: 'current' | 'leaving';
  since: string;
}

/** An id that somebody was linked to: not asked about yet, or what it held before, until a person has looked at it. */
export interface NewLinksTable {
  controller: string;
  folded_id: string;
  id: string;
  person: string;
  connection: string;
  linked_at: string;
  /** Whose id it was before, where it was somebody's. */
  former_person: string | null;
  former_connection: string | null;
  /** The former owner neither left nor is called otherwise: the primary connection took the id. */
  taken: number;
  /** When the controller told what it holds. */
  asked_at: string | null;
  /** What it held, as JSON; null as long as nobody asked. */
  found: string | null;
}

/** How often the service's tokens were used on a controller: by us as we counted, by anybody as the controller did. */
export interface TokenUsesTable {
  controller: string;
  /** Goes up when what a process that is gone had counted ahead is dropped; who counted in a former one begins anew. */
  epoch: number;
  /** Requests of ours in this epoch: no more than `begun` have gone, and no fewer than `ended`. */
  begun: number;
  ended: number;
  /** What was between the two at the last look; null before the first. */
  gap: number | null;
  /** Since when it is what it is. */
  gap_ms: number | null;
  /** Whose tokens were looked at. */
  account: string | null;
  /** Since when nobody else's uses are known to be among those that were counted. */
  looked_at: string | null;
  /** When everything was compared, just before. */
  full_ms: number | null;
  /** Whether the controller counts. */
  counted: number | null;
  /** Uses of each token at the last look, as JSON; null where there is nothing to compare with. */
  tokens: string | null;
  /** Our requests among them, at least. */
  ended_then: number | null;
  /** Uses that were not ours, of tokens that are still there; of these, as JSON. */
  others: number;
  others_tokens: string | null;
  /** Between two looks, the first that saw nothing of them and the last that saw some. */
  others_after: string | null;
  others_before: string | null;
}

interface BindingsTable {
  connection: string;
  name_key: string;
  group_id: string;
  /** The group's name as it was spelled when it was bound. */
  name: string | null;
  since: string;
}

interface ExpiredTable {
  key: string;
  at: string;
}

/** What is owed on a controller to somebody who left, or to an id that is no longer somebody's. */
export interface DebtsTable {
  controller: string;
  folded_id: string;
  id: string;
  person: string;
  connection: string;
  cause: 'leaver' | 'old-id' | 'unentitled';
  received_at: string;
  request: string | null;
  credential: string | null;
  state: 'open' | 'held' | 'done' | 'cancelled';
  /** When it is to be looked at next; of what is done, since when. */
  due_ms: number;
  started_at: string | null;
  done_at: string | null;
  /** JSON: steps with times, missing, residual. */
  steps: string;
  missing: string;
  residual: string;
  attempts: number;
  alarmed: number;
  error: string | null;
  /** An operator gave the id free although it is not paid. */
  released: number;
  /** Of who left while they owed as somebody who has nothing left: since when; RFC 3339. */
  unentitled_at: string | null;
}

interface IntentsTable {
  id: string;
  controller: string;
  kind: 'batch' | 'cut';
  fence: number;
  state: 'open' | 'verified' | 'failed' | 'unknown';
  created_at: string;
  settled_at: string | null;
  request: string | null;
  /** The steps as JSON. */
  steps: string;
  detail: string | null;
  /** Who ordered it and a mark of that, as JSON, until it is known what became of it; null where the service acts by itself. */
  ordered: string | null;
}

export interface HeldTable {
  controller: string;
  step_key: string;
  digest: string;
  step: string;
  ceiling: string;
  reason: string;
  since: string;
  state: 'held' | 'released' | 'rejected';
}

/** What the guard counted (semantics §5). */
export interface GuardEventsTable {
  id: string;
  at_ms: number;
  controller: string;
  connection: string | null;
  kind: string;
  key: string;
  person: string | null;
  administrative: number;
  state: 'applied' | 'held';
}

/** What a command line asks of whoever holds the lease (semantics §11). */
export interface CommandsTable {
  id: string;
  controller: string;
  kind: string;
  body: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  result: string | null;
  created_ms: number;
  done_ms: number | null;
}

/** Policies that were in force, newest last; the last one is kept while the file is broken. */
interface PoliciesTable {
  digest: string;
  files: string;
  activated_at: string;
  seq: number;
}

/** People an operator declared leavers without the identity provider; it ends when the provider says so too, or is lifted. */
interface OrderedLeaversTable {
  person: string;
  at: string;
}

/**
 * Members a group had, for ceilings; a row whenever it was looked at and had changed. `people:` and a connection, `grants:` and a
 * controller: how many it had.
 */
interface GroupCountsTable {
  group_id: string;
  at_ms: number;
  members: number;
  name: string;
}

/** One row: the highest time ever seen. */
interface ClockTable {
  id: number;
  highest_ms: number;
}

export interface SyncTables {
  leases: LeasesTable;
  controllers: ControllersTable;
  paused_connections: PausedConnectionsTable;
  pending: PendingTable;
  entries: EntriesTable;
  owned_roles: OwnedRolesTable;
  claims: ClaimsTable;
  new_links: NewLinksTable;
  token_uses: TokenUsesTable;
  bindings: BindingsTable;
  expired: ExpiredTable;
  debts: DebtsTable;
  intents: IntentsTable;
  held: HeldTable;
  guard_events: GuardEventsTable;
  commands: CommandsTable;
  policies: PoliciesTable;
  clock: ClockTable;
  group_counts: GroupCountsTable;
  ordered_leavers: OrderedLeaversTable;
}
