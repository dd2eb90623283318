import { test } from 'node:test';
import { controllerConformance } from '../jenkins/conformance.ts';
import { prepareBench, startBench } from './bench.ts';
import { FRESH, openBenchSubject } from './world.ts';

const prepared = prepareBench();

if ('absent' in prepared) {
  test(`the Groovy scripts were not run: ${prepared.absent}`, { skip: true }, () => {});
} else {
  controllerConformance('Groovy 2.4.21', async () => {
    const bench = await startBench(prepared.classpath);
    await bench.groovyRun(`${FRESH}; return null`);
    const subject = openBenchSubject(bench);
    return {
      ...subject,
      close: async () => {
        await subject.close();
        await bench.close();
      },
    };
  });
}
