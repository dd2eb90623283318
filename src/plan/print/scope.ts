import type { RoleDefinition } from '../../access/role.ts';

const FOLDER = /^\\Q([^\\]+)\\E(\(\$\|\/\.\*\))?$/;

/** The scope of a role in a few words; a pattern of ours reads as the folder it stands for. */
export function scopeText({ type, pattern }: Pick<RoleDefinition, 'type' | 'pattern'>): string {
  if (type === 'global') return 'global';
  if (type === 'agent') return `agents ${pattern}`;
  const folder = FOLDER.exec(pattern);
  if (folder === null) return `items ${pattern}`;
  return `folder ${folder[1]}${folder[2] === undefined ? ' itself' : ''}`;
}
