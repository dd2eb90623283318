import type { Steps } from '../../access/breather.ts';
import { refuse } from '../../errors.ts';
import { distinct } from '../distinct.ts';
import { keepImmutable } from '../immutable.ts';
import { onePrimary } from '../intake/primary.ts';
import { alone, readMerge, readSingle, withContent } from '../intake/value.ts';
import type { Dialect } from '../profiles/dialect.ts';
import type { Attributes, ResourceType } from '../resource.ts';
import type { AttributeDefinition } from '../schemas/attribute.ts';
import { RESOURCE_TYPES } from '../schemas/catalogue.ts';
import type { Edit } from './edit.ts';
import { editElements } from './elements.ts';
import { A_TURN } from './operation.ts';

/**
 * Does edits in their order and gives new attributes; `current` stays untouched, also when one of them is refused. Each may meet all
 * values there are: very many take their turns.
 * @throws ScimError SCIM_MUTABILITY, SCIM_NO_TARGET, SCIM_VALUE, SCIM_SYNTAX
 */
export function* applyEdits(
  type: ResourceType,
  current: Attributes,
  edits: readonly Edit[],
  dialect: Dialect,
): Steps<Attributes> {
  const draft = structuredClone(current);
  for (const [index, edit] of edits.entries()) {
    if (index > 0 && index % A_TURN === 0) yield;
    applyEdit(type, draft, edit, dialect);
  }
  tidy(type, draft, dialect);
  keepImmutable(type, current, draft, dialect.catalogue, false);
  return draft;
}

function applyEdit(type: ResourceType, draft: Attributes, edit: Edit, dialect: Dialect): void {
  const { schema, definition } = edit.target.located;
  const isCore = schema === RESOURCE_TYPES[type].core.urn;
  const home = isCore ? draft : Object.hasOwn(draft, schema) ? (draft[schema] as Attributes) : {};
  const changed = editAttribute(home[definition.name], edit, dialect);
  if (changed === undefined) {
    refuseLoss(definition, edit);
    delete home[definition.name];
  } else home[definition.name] = changed;
  if (!isCore) draft[schema] = home;
}

function editAttribute(current: unknown, edit: Edit, dialect: Dialect): unknown {
  const { target, op } = edit;
  const { definition } = target.located;
  if (definition.multiValued) {
    const list = editElements((current ?? []) as Attributes[], edit, dialect);
    return list.length === 0 ? undefined : list;
  }
  const value = alone(definition, edit.value, dialect);
  if (definition.type !== 'complex') return op === 'remove' ? undefined : readSingle(definition, value, dialect);
  if (target.select !== undefined || target.sub !== undefined)
    return editElements(current === undefined ? [] : [current as Attributes], edit, dialect)[0];
  if (op === 'remove' || value === null || value === '') return undefined;
  return readMerge(definition, value, dialect)((current ?? {}) as Attributes);
}

function refuseLoss({ name, required, rules }: AttributeDefinition, { op }: Edit): void {
  if (rules.default !== undefined && op !== 'remove')
    throw refuse('SCIM_MUTABILITY', { reason: `${name} is not unassigned by a null; remove it, or say true or false` });
  if (!required) return;
  if (op === 'remove') throw refuse('SCIM_MUTABILITY', { reason: `${name} is required and cannot be removed` });
  throw refuse('SCIM_VALUE', { reason: `${name} is required and cannot be empty` });
}

/** Drops what has no content left, makes one of what is the same now, and judges the whole. */
function tidy(type: ResourceType, draft: Attributes, dialect: Dialect): void {
  const { core, extensions } = dialect.catalogue.types[type];
  tidyAttributes(core.attributes, draft, dialect);
  for (const { urn, attributes } of extensions) {
    const home = draft[urn] as Attributes | undefined;
    if (home === undefined) continue;
    tidyAttributes(attributes, home, dialect);
    if (Object.keys(home).length === 0) delete draft[urn];
  }
}

function tidyAttributes(definitions: readonly AttributeDefinition[], home: Attributes, dialect: Dialect): void {
  for (const definition of definitions) {
    const { name, type, multiValued } = definition;
    const value = home[name];
    if (value === undefined || type !== 'complex') continue;
    const says = (one: Attributes) => withContent(definition, one) !== undefined;
    if (multiValued) {
      const full = (value as Attributes[]).filter(says);
      const list = distinct(definition, full, () => dialect.note('repeated-value'));
      onePrimary(name, list);
      if (list.length === 0) delete home[name];
      else home[name] = list;
    } else if (!says(value as Attributes)) delete home[name];
  }
}
