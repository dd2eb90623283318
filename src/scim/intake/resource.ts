import { refuse } from '../../errors.ts';
import { isUrn, readName } from '../attributeName.ts';
import { currentName } from '../formerUrn.ts';
import { keepImmutable } from '../immutable.ts';
import { asJsonObject, attributeEntries, twice } from '../json.ts';
import type { Dialect } from '../profiles/dialect.ts';
import { quoted } from '../quoted.ts';
import type { Attributes, MemberRef, ResourceType } from '../resource.ts';
import { isStored } from '../schemas/attribute.ts';
import { type Located, RESOURCE_TYPES, type SchemaDefinition } from '../schemas/catalogue.ts';
import { ENTERPRISE_USER } from '../urns.ts';
import { readMembers } from './members.ts';
import { checkSchemas } from './schemas.ts';
import { readValue } from './value.ts';

/** A resource out of the body of a POST or PUT. */
export interface Intake {
  /** Complete: required attributes are there, defaults filled in. */
  readonly attributes: Attributes;
  /** Of a group; absent where the body does not speak of members. */
  readonly members?: readonly MemberRef[];
}

/**
 * Reads the body of a POST, or of a PUT with the attributes that are stored (`previous`). What the client may not write (id, meta,
 * groups …) is ignored as RFC 7644 §3.3 says, a password is accepted and dropped here. Attributes with a default that a PUT does not
 * give keep what is stored: leaving out `active` brings nobody back. `given` are its members where they have been read already.
 * @throws ScimError SCIM_SYNTAX, SCIM_VALUE
 */
export function readResource(
  type: ResourceType,
  body: unknown,
  dialect: Dialect,
  previous?: Attributes,
  given?: readonly MemberRef[],
): Intake {
  const input = asJsonObject(body);
  const attributes: Attributes = {};
  const formerly: Attributes = {};
  let members: readonly MemberRef[] | undefined;
  let schemas: unknown;
  for (const [key, value] of attributeEntries(input)) {
    const name = key.toLowerCase();
    if (name === 'schemas') schemas = value;
    else if (type === 'Group' && name === 'members') {
      if (members !== undefined) throw twice(name);
      members = given ?? readMembers(value, dialect);
    } else {
      const current = currentName(key, dialect);
      readKey(type, current, value, dialect, current === key ? attributes : formerly);
    }
  }
  addFormer(attributes, formerly);
  const extensions = dialect.catalogue.types[type].extensions.map(({ urn }) => urn);
  checkSchemas(
    type,
    schemas,
    extensions.filter((urn) => Object.hasOwn(attributes, urn)),
    dialect,
  );
  complete(type, attributes, previous);
  if (previous !== undefined) keepImmutable(type, previous, attributes, dialect.catalogue, true);
  return members === undefined ? { attributes } : { attributes, members };
}

/** What is given by the former name of the extension counts where the present one does not give it: some send both. */
function addFormer(attributes: Attributes, formerly: Attributes): void {
  const home = formerly[ENTERPRISE_USER] as Attributes | undefined;
  if (home !== undefined)
    attributes[ENTERPRISE_USER] = { ...home, ...(attributes[ENTERPRISE_USER] as Attributes | undefined) };
}

/** Fills in defaults and insists on required attributes. @throws ScimError SCIM_VALUE */
function complete(type: ResourceType, attributes: Attributes, previous: Attributes | undefined): void {
  for (const { name, required, rules } of RESOURCE_TYPES[type].core.attributes) {
    if (Object.hasOwn(attributes, name)) continue;
    if (required) throw refuse('SCIM_VALUE', { reason: `${name} is required` });
    if (rules.default !== undefined) assign(attributes, name, previous === undefined ? rules.default : previous[name]);
  }
}

function readKey(type: ResourceType, key: string, value: unknown, dialect: Dialect, into: Attributes): void {
  const named = readName(key, type, dialect.catalogue);
  if (named.kind === 'schema') readSchema(type, named.schema, value, dialect, into);
  else if (named.kind === 'attribute' && named.sub === undefined) store(type, named.located, value, dialect, into);
  else if (dialect.unknownAttributes === 'refuse')
    throw refuse('SCIM_SYNTAX', { reason: `${quoted(key)} is no attribute of ${type}` });
  else dialect.note('unknown-attribute');
}

function readSchema(
  type: ResourceType,
  schema: SchemaDefinition,
  value: unknown,
  dialect: Dialect,
  into: Attributes,
): void {
  if (value === null) return;
  if (typeof value !== 'object' || Array.isArray(value))
    throw refuse('SCIM_VALUE', { reason: `${schema.urn} is an object` });
  for (const [key, item] of attributeEntries(value)) {
    const named = isUrn(key) ? undefined : readName(`${schema.urn}:${key}`, type, dialect.catalogue);
    if (named?.kind === 'attribute' && named.sub === undefined) store(type, named.located, item, dialect, into);
    else if (dialect.unknownAttributes === 'refuse')
      throw refuse('SCIM_SYNTAX', { reason: `${quoted(key)} is no attribute of ${schema.urn}` });
    else dialect.note('unknown-attribute');
  }
}

function store(type: ResourceType, located: Located, value: unknown, dialect: Dialect, into: Attributes): void {
  const { definition, schema } = located;
  if (!isStored(definition) || definition.name === 'members') return;
  const read = readValue(definition, value, dialect);
  if (schema === RESOURCE_TYPES[type].core.urn) {
    if (Object.hasOwn(into, definition.name)) throw twice(definition.name);
    assign(into, definition.name, read);
    return;
  }
  const home: Attributes = Object.hasOwn(into, schema) ? (into[schema] as Attributes) : {};
  if (Object.hasOwn(home, definition.name)) throw twice(definition.name);
  assign(home, definition.name, read);
  assign(into, schema, Object.keys(home).length === 0 ? undefined : home);
}

function assign(into: Attributes, name: string, value: unknown): void {
  if (value === undefined) delete into[name];
  else into[name] = value;
}
