import type { PermissionInfo } from '../../access/ports/controller.ts';

const HUDSON = 'hudson.model.Hudson';
const GENERIC = 'hudson.security.Permission.Generic';
const ADMINISTER = `${HUDSON}.Administer`;
const ROLES = 'com.michelin.cio.hudson.plugins.rolestrategy.RoleBasedAuthorizationStrategy';

type Row = readonly [id: string, title: string, impliedBy: string | undefined, enabled?: false];

// What a 2.568.2 with role-strategy, folders and mailer answered (topic 03, exchange 35), in its order.
const ROWS: readonly Row[] = [
  [ADMINISTER, 'Overall/Administer', undefined],
  ['hudson.security.Permission.FullControl', 'N/A/FullControl', ADMINISTER],
  [`${GENERIC}Read`, 'N/A/GenericRead', ADMINISTER],
  [`${GENERIC}Write`, 'N/A/GenericWrite', ADMINISTER],
  [`${GENERIC}Create`, 'N/A/GenericCreate', `${GENERIC}Write`],
  [`${GENERIC}Update`, 'N/A/GenericUpdate', `${GENERIC}Write`],
  [`${GENERIC}Delete`, 'N/A/GenericDelete', `${GENERIC}Write`],
  [`${GENERIC}Configure`, 'N/A/GenericConfigure', `${GENERIC}Update`],
  [`${HUDSON}.Manage`, 'Overall/Manage', ADMINISTER],
  [`${HUDSON}.SystemRead`, 'Overall/SystemRead', ADMINISTER, false],
  [`${HUDSON}.Read`, 'Overall/Read', `${GENERIC}Read`],
  [`${HUDSON}.RunScripts`, 'Overall/RunScripts', ADMINISTER],
  [`${HUDSON}.UploadPlugins`, 'Overall/UploadPlugins', ADMINISTER],
  [`${HUDSON}.ConfigureUpdateCenter`, 'Overall/ConfigureUpdateCenter', ADMINISTER],
  ['hudson.model.Computer.Configure', 'Agent/Configure', `${GENERIC}Configure`],
  ['hudson.model.Computer.ExtendedRead', 'Agent/ExtendedRead', 'hudson.model.Computer.Configure', false],
  ['hudson.model.Computer.Delete', 'Agent/Delete', `${GENERIC}Delete`],
  ['hudson.model.Computer.Create', 'Agent/Create', `${GENERIC}Create`],
  ['hudson.model.Computer.Disconnect', 'Agent/Disconnect', ADMINISTER],
  ['hudson.model.Computer.Connect', 'Agent/Connect', 'hudson.model.Computer.Disconnect'],
  ['hudson.model.Computer.Build', 'Agent/Build', `${GENERIC}Write`],
  ['hudson.model.View.Create', 'View/Create', `${GENERIC}Create`],
  ['hudson.model.View.Delete', 'View/Delete', `${GENERIC}Delete`],
  ['hudson.model.View.Configure', 'View/Configure', `${GENERIC}Configure`],
  ['hudson.model.View.Read', 'View/Read', `${GENERIC}Read`],
  ['hudson.model.Computer.Provision', 'Agent/Provision', ADMINISTER],
  ['hudson.model.Item.Create', 'Job/Create', `${GENERIC}Create`],
  ['hudson.model.Item.Delete', 'Job/Delete', `${GENERIC}Delete`],
  ['hudson.model.Item.Configure', 'Job/Configure', `${GENERIC}Configure`],
  ['hudson.model.Item.Read', 'Job/Read', `${GENERIC}Read`],
  ['hudson.model.Item.Discover', 'Job/Discover', 'hudson.model.Item.Read'],
  ['hudson.model.Item.ExtendedRead', 'Job/ExtendedRead', 'hudson.model.Item.Configure', false],
  ['hudson.model.Item.Build', 'Job/Build', `${GENERIC}Update`],
  ['hudson.model.Item.Workspace', 'Job/Workspace', `${GENERIC}Read`],
  ['hudson.model.Item.WipeOut', 'Job/WipeOut', undefined, false],
  ['hudson.model.Item.Cancel', 'Job/Cancel', `${GENERIC}Update`],
  ['hudson.model.Run.Delete', 'Run/Delete', `${GENERIC}Delete`],
  ['hudson.model.Run.Update', 'Run/Update', `${GENERIC}Update`],
  ['hudson.model.Run.Artifacts', 'Run/Artifacts', undefined, false],
  ['hudson.model.Item.Move', 'Job/Move', `${GENERIC}Create`],
  [`${ROLES}.ItemRoles`, 'Role Based Strategy/ItemRoles', ADMINISTER, false],
  [`${ROLES}.AgentRoles`, 'Role Based Strategy/AgentRoles', ADMINISTER, false],
  ['hudson.scm.SCM.Tag', 'SCM/Tag', `${GENERIC}Create`],
];

/** The live catalogue of the practice controller. */
export const CATALOGUE: readonly PermissionInfo[] = ROWS.map(([id, title, impliedBy, enabled]) => ({
  id,
  title,
  enabled: enabled ?? true,
  ...(impliedBy === undefined ? {} : { impliedBy }),
}));

export const PERMISSIONS = { administer: ADMINISTER, read: `${HUDSON}.Read` } as const;

const BY_ID = new Map(CATALOGUE.map((info) => [info.id, info]));
const BY_TITLE = new Map(CATALOGUE.map((info) => [info.title, info]));

/** Accepted by no strategy (PermissionHelper.java, "dangerous"). */
const DANGEROUS = new Set([`${HUDSON}.RunScripts`, `${HUDSON}.UploadPlugins`, `${HUDSON}.ConfigureUpdateCenter`]);

export function permission(id: string): PermissionInfo | undefined {
  return BY_ID.get(id);
}

/** Ids of what is known among `names`, given as id or `Group/Name`; unknown and dangerous ones fall out silently (PermissionHelper.fromStrings). */
export function resolvePermissions(names: readonly string[]): string[] {
  const ids = names.map((name) => (BY_ID.get(name) ?? BY_TITLE.get(name))?.id);
  return [...new Set(ids.filter((id) => id !== undefined && !DANGEROUS.has(id)) as string[])];
}

/** The permission and all that imply it, enabled ones only. */
export function implying(id: string): readonly string[] {
  const found: string[] = [];
  for (let info = BY_ID.get(id); info !== undefined; info = BY_ID.get(info.impliedBy ?? ''))
    if (info.enabled) found.push(info.id);
  return found;
}
