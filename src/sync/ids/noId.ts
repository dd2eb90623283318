import { foldId, type IdStrategy } from '../../access/principal.ts';
import type { Claim, NoId } from '../../plan/identities.ts';

/** Why somebody active has no id there; the remedies are those of the findings `identity.*`. */
export function noIdText(
  controller: string,
  { none, wanted = '' }: { readonly none: NoId; readonly wanted?: string },
  connection: { readonly name: string | undefined; readonly configured: boolean },
  ids: IdStrategy,
  owners: ReadonlyMap<string, Claim>,
): string {
  const owner = owners.get(foldId(wanted, ids));
  if (none === 'connection')
    return connection.configured
      ? `a way to ${controller}: \`controllers\` of the connection ${connection.name} leaves it out`
      : `a way to ${controller}: there is no connection ${connection.name} in the configuration`;
  const why: Partial<Record<NoId, string>> = {
    absent: 'there is no value in the attribute that is the id',
    reserved: `${wanted} can never be a person there`,
    protected: `${wanted} is protected, and neither gains nor loses`,
    contested:
      owner === undefined
        ? `${wanted} is asked for by somebody else, too`
        : `${wanted} belongs to ${owner.person} of ${owner.connection}${owner.state === 'leaving' ? ', who is leaving it' : ''}`,
  };
  return `a Jenkins id on ${controller}: ${why[none] ?? none}`;
}
