import type { RoleType } from '../../access/role.ts';
import { javaPattern } from '../state/pattern.ts';

export type Parameters = ReadonlyMap<string, string>;

/** A parameter is missing or makes no sense: Stapler answers a generic 500. */
export class BadParameter extends Error {}

/** Refused with a reason: 400. */
export class Rejected extends Error {}

const TYPES: ReadonlyMap<string, RoleType> = new Map([
  ['globalRoles', 'global'],
  ['projectRoles', 'item'],
  ['slaveRoles', 'agent'],
]);

/** A required parameter; an empty one is there. */
export function need(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new BadParameter(name);
  return value;
}

/** RoleType.fromString: case-sensitive. */
export function roleType(name: string): RoleType {
  const type = TYPES.get(name);
  if (type === undefined) throw new BadParameter(`type ${name}`);
  return type;
}

/** Comma lists are split and not trimmed. */
export function list(text: string): string[] {
  return text === '' ? [] : text.split(',');
}

export function pattern(source: string): RegExp {
  try {
    return javaPattern(source);
  } catch {
    throw new BadParameter(`pattern ${source}`);
  }
}
