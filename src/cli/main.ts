import './compiledForSize.ts';

import { ask } from './ask.ts';
import { modules } from './compose.ts';
import { systemAccount, systemClock, systemDisk, systemRandom, systemTimers } from './edge.ts';
import { runProgram } from './program.ts';
import { stopped } from './signals.ts';
import { processTerminal } from './terminal.ts';

await runProgram(process.argv.slice(2), {
  terminal: processTerminal(process.env),
  environment: process.env,
  account: systemAccount(process.env),
  clock: systemClock,
  random: systemRandom,
  timers: systemTimers,
  disk: systemDisk,
  modules,
  ask,
  stopped: () => stopped(systemTimers),
  exit: (code) => {
    process.exitCode = code;
  },
});
