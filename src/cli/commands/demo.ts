import { narrator } from '../demo/narrator.ts';
import { play } from '../demo/scenario.ts';
import { usage } from '../failure.ts';
import { action, commandOf, type Register } from '../invocation.ts';
import { fine, outcome } from '../outcome.ts';
import { printable } from '../printable.ts';

interface Options {
  readonly once?: boolean;
  readonly jenkins?: string;
  readonly user?: string;
  readonly tokenFile?: string;
  readonly yes?: boolean;
}

const EXAMPLE = `jenkins-scim demo --once
jenkins-scim demo --jenkins https://ci.example.com/ --user jenkins-scim --token-file ./jenkins-token`;

/** `demo`: the whole way, embedded; at a real controller it observes, and writes only with --yes. */
export const registerDemo: Register = (program, host) => {
  commandOf(program, 'demo', 'see the whole way, with everything embedded', EXAMPLE)
    .option('--once', 'end by itself: 0 if everything happened, else 1')
    .option('--jenkins <url>', 'a real controller instead of the practice one; reads only')
    .option('--user <id>', 'account on it')
    .option('--token-file <file>', 'file that holds its API token')
    .option('--yes', 'write to that controller; the roles it makes are removed at the end')
    .action(
      action<Options>(host, async ({ options, json }) => {
        const { jenkins, user, tokenFile, yes = false } = options;
        if (jenkins === undefined && (user !== undefined || tokenFile !== undefined || yes))
          throw usage('--user, --token-file and --yes need --jenkins URL');
        if (jenkins !== undefined && !URL.canParse(jenkins)) throw usage(`--jenkins ${jenkins}: not a URL`);
        if (jenkins !== undefined && (user === undefined || tokenFile === undefined))
          throw usage('--jenkins needs --user and --token-file');
        const real =
          jenkins === undefined || user === undefined || tokenFile === undefined
            ? undefined
            : { url: jenkins, user, tokenFile, yes };
        // From here on a signal ends the story, not the process: what was made is taken back first.
        let ended = false;
        const stopped = host.stopped().then(() => {
          ended = true;
        });
        const world = await host.modules.demo(real);
        const out = (text: string): void => {
          if (!ended && !json) host.terminal.out(text);
        };
        const tell = narrator({ ...host.terminal, out });
        try {
          tell.text(
            `jenkins-scim demo\n   service   ${world.scim}\n   jenkins   ${world.jenkins}${real === undefined ? ' (practice controller)' : ''}\n`,
          );
          if (!world.writes) tell.text('   observe mode: nothing is written to this controller (--yes writes)\n');
          // What an ended story still waits for fails with the service that it asks.
          await Promise.race([play(world, tell, host), stopped]);
          if (ended) return outcome(1, { checks: tell.checks, passed: false }, '\nEnded before the story was.\n');
          const failed = tell.checks.filter((check) => !check.holds);
          tell.text(`\n${tell.checks.length - failed.length} of ${tell.checks.length} checks hold.\n`);
          const exit = failed.length === 0 ? 0 : 1;
          if (options.once === true || json) return outcome(exit, { checks: tell.checks, passed: exit === 0 }, '');
          tell.text(afterwards(world.config, world.scim));
          await stopped;
          return fine(undefined, '\n');
        } finally {
          const left = await world.close();
          if (left.length > 0)
            host.terminal.err(
              printable(`These roles could not be removed from ${world.jenkins}: ${left.join(', ')}\n`),
            );
        }
      }),
    );
};

function afterwards(config: string, scim: string): string {
  return `
Running until Ctrl-C. SCIM is at ${scim}
Try in another terminal:
  npx jenkins-scim --config ${config} explain ana@corp.test
  npx jenkins-scim --config ${config} quarantine list
  npx jenkins-scim --config ${config} leaver bo@corp.test
`;
}
