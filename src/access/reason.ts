/** Why somebody holds a grant: the rule, the line it stands on, and the membership that carries it. */
export interface Reason {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  /** SHA-256 of the policy that was in force. */
  readonly policy: string;
  /** displayName and SCIM id of the group a rule names; absent for `user:` and `principal:` rules. */
  readonly group?: string;
  readonly groupId?: string;
  /** Names of the nested groups between the person and that group, nearest first. */
  readonly via?: readonly string[];
  /** ISO instant the membership was stored. */
  readonly since?: string;
  /** Id of the request and of the credential that pushed it. */
  readonly request?: string;
  readonly credential?: string;
  /** ISO instant at which the reason ends. */
  readonly until?: string;
}
