import type { Mode, Profile } from '../../config/schema.ts';

/** What `init` needs to know to write both files. */
export interface Answers {
  /** Identity providers by connection name. */
  readonly connections: readonly { readonly name: string; readonly profile: Profile }[];
  readonly controller?: {
    readonly name: string;
    readonly url: string;
    readonly user: string;
    readonly apiToken: { readonly env: string } | { readonly file: string };
    readonly breakGlass?: string;
    readonly ca?: string;
    readonly mode: Mode;
  };
  readonly externalUrl?: string;
}
