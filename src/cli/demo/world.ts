import type { Engine } from '../engine.ts';
import type { Provider } from './scim.ts';

/** Where the demo plays: a service, two identity providers, one controller that is practised on or real. */
export interface World {
  readonly engine: Engine;
  /** Base URL of the SCIM endpoint. */
  readonly scim: string;
  /** URL of the controller. */
  readonly jenkins: string;
  /** Path of the configuration the service runs with. */
  readonly config: string;
  readonly providers: { readonly okta: Provider; readonly entra: Provider };
  /** Who holds a role now, as Jenkins has it. */
  holders(role: string): Promise<readonly string[]>;
  /** What a person can act with there. */
  person(id: string): Promise<{ readonly entries: number; readonly tokens: number; readonly sshKeys: number }>;
  /** Edits made past the service; absent on a real controller. */
  readonly byHand?: {
    grant(role: string, id: string): Promise<void>;
    /** Gives a record with an API token and an SSH key. */
    equip(id: string): Promise<void>;
  };
  /** Whether the demo may change the controller. */
  readonly writes: boolean;
  /** Ends everything and takes back what was made on a real controller; the names of roles that stayed there. */
  close(): Promise<readonly string[]>;
}
