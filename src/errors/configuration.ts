import type { Entry } from './entry.ts';

/** Entries of the catalogue for what people write: the configuration and the policy. */
export const CONFIGURATION_ERRORS = {
  CFG_NOT_FOUND: {
    message: 'There is no configuration at {path}',
    status: 0,
    remedy: 'Run `jenkins-scim init`, or name a file with --config.',
  },
  CFG_SYNTAX: { message: '{path}:{line}: {reason}', status: 0, remedy: 'Mend the YAML at that line.' },
  CFG_INVALID: {
    message: '{path}: {key}: {reason}',
    status: 0,
    remedy: 'See docs/configuration.md and jenkins-scim.schema.json.',
  },
  CFG_UNKNOWN_KEY: {
    message: '{path}: unknown key {key}{hint}',
    status: 0,
    remedy: 'Remove the key or spell it as the schema does.',
  },
  CFG_LATER: { message: '{path}: {key}: {value} is not in this version', status: 0, remedy: 'Use one of: {allowed}.' },
  CFG_SECRET: {
    message: 'The secret {reference} cannot be read: {reason}',
    status: 0,
    remedy: 'Set the variable, or make the file readable for the service only.',
  },
  CFG_FILE_MODE: {
    message: '{path} can be {what} by others (mode {mode})',
    status: 0,
    remedy: 'chmod {change} {path}',
  },
  CFG_FOLDER_MODE: {
    message: 'The folder {path} can be written by others (mode {mode})',
    status: 0,
    remedy: 'chmod go-w {path}',
  },
  CFG_LISTEN: {
    message: '{path}: listen {listen} is not loopback and neither tls nor behindProxy is set',
    status: 0,
    remedy: 'Set server.tls or server.behindProxy, or listen on 127.0.0.1.',
  },
  CFG_TLS_DISABLED: {
    message: 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off certificate checks',
    status: 0,
    remedy: 'Unset it; name your CA under controllers.*.tls.ca.',
  },
  POL_INVALID: {
    message: 'The policy at {path} has {count} error(s)',
    status: 0,
    remedy: 'Run `jenkins-scim policy lint {path}`; the service keeps the last good one, if there was one.',
  },
  POL_NOT_FOUND: {
    message: 'There is no policy at {path}',
    status: 0,
    remedy:
      'Look at the path, `policy:` of the configuration or what the command was given; `jenkins-scim init` writes a first one.',
  },
  POL_UNREADABLE: {
    message: 'The policy at {path} cannot be read: {reason}',
    status: 0,
    remedy: 'Let the account of the service read it, or run this as that account; the service keeps the last good one.',
  },
  POL_LINK: {
    message: '{path} is a link that leads out of the folder of the policy',
    status: 0,
    remedy: 'Put the file itself into the folder.',
  },
  POL_TOO_LARGE: {
    message: 'The policy at {path} has {bytes} bytes in {files} file(s); at most 1 MB in 500 files is read',
    status: 0,
    remedy: 'Use captures instead of a rule per team, or name the right folder.',
  },
  POL_TOO_MANY: {
    message:
      'The folder of the policy {path} has more than {count} YAML files, folders and links, and no more are looked at',
    status: 0,
    remedy: 'Give the policy a folder of its own, and no links from folder to folder.',
  },
  POL_TOO_DEEP: {
    message: 'The folder {path} is deeper in that of the policy than {folders} folders, which is not read',
    status: 0,
    remedy: 'Move it up, or begin its name with a dot where it is no part of the policy.',
  },
} as const satisfies Record<string, Entry>;
