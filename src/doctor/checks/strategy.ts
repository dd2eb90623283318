import { check } from '../check.ts';

/** Is role-strategy there, new enough, and the active strategy? */
export const strategy = check(
  {
    'controller.strategy': {
      level: 'error',
      remedy:
        'Install role-strategy 657 or newer and choose "Role-Based Strategy" under Manage Jenkins > Security. Where Jenkins does not start, remove plugins/role-strategy.jpi.disabled in its home, or put the plugin back, and restart it.',
    },
  },
  ({ controllers }) =>
    controllers.flatMap(({ config, error }) =>
      error?.code === 'JEN_STRATEGY'
        ? [{ code: 'controller.strategy', subject: config.name, finding: error.message }]
        : [],
    ),
);
