import type { Clock } from '../../access/ports/clock.ts';
import type { Timers } from '../../access/ports/timers.ts';
import { certificateText } from '../print/certificate.ts';
import { explanationText } from '../print/explanation.ts';
import { type DemoPerson, entra, okta } from './bodies.ts';
import type { Narrator } from './narrator.ts';
import type { Provider, ScimAnswer } from './scim.ts';
import { took, until } from './wait.ts';
import type { World } from './world.ts';

type Time = { readonly clock: Clock; readonly timers: Timers };

const ANA: DemoPerson = { userName: 'ana@corp.test', given: 'Ana', family: 'Diaz', externalId: '00u1ana' };
const BO: DemoPerson = { userName: 'bo@corp.test', given: 'Bo', family: 'Lind', externalId: 'f0b1-bo' };
const CREW = 12;

/** Plays the whole story; what is claimed is checked on the controller, by reading it. */
export async function play(world: World, tell: Narrator, time: Time): Promise<void> {
  const ana = await joiner(world, tell, time);
  await mover(world, tell, time, ana);
  await massRemoval(world, tell, time);
  if (world.byHand !== undefined) await handMade(world, world.byHand, tell);
  await leaver(world, tell, time);
  await why(world, tell);
}

interface Joined {
  readonly id: string;
  readonly pay: string;
  readonly web: string;
}

async function joiner(world: World, tell: Narrator, time: Time): Promise<Joined> {
  tell.chapter('A joiner: Okta creates Ana and pushes her groups');
  const { okta: provider } = world.providers;
  await send(provider, tell, 'GET', okta.lookup(ANA.userName), undefined, 'is she there?');
  const id = idOf(await send(provider, tell, 'POST', '/Users', okta.person(ANA), ANA.userName));
  const users = idOf(await send(provider, tell, 'POST', '/Groups', okta.group('ci-users'), 'ci-users'));
  const pay = idOf(await send(provider, tell, 'POST', '/Groups', okta.group('ci-pay-dev'), 'ci-pay-dev'));
  const web = idOf(await send(provider, tell, 'POST', '/Groups', okta.group('ci-web-dev'), 'ci-web-dev'));
  await send(provider, tell, 'PATCH', `/Groups/${users}`, okta.add([{ id, userName: ANA.userName }]), '+ Ana');
  await send(provider, tell, 'PATCH', `/Groups/${pay}`, okta.add([{ id, userName: ANA.userName }]), '+ Ana');
  if (!world.writes) return observed(world, tell, { id, pay, web });
  const lag = await until(async () => (await world.holders('pay-developer')).includes(ANA.userName), time);
  tell.check('Ana is pay-developer on Jenkins', lag !== undefined, took(lag));
  await reasons(world, tell, 'pay-developer');
  return { id, pay, web };
}

/** On a controller that may not be written: what would happen. */
async function observed(world: World, tell: Narrator, joined: Joined): Promise<Joined> {
  await planned(world, tell, 'The plan gives Ana what the policy says; nothing was written');
  return joined;
}

async function planned(world: World, tell: Narrator, claim: string): Promise<void> {
  const plan = await world.engine.plan({ user: ANA.userName });
  tell.text(plan.text({ width: 78, colour: false }));
  const steps = plan.document.controllers.reduce((sum, controller) => sum + controller.steps.length, 0);
  tell.check(claim, steps > 0);
}

/** Rule, line and group behind a grant of Ana. */
async function reasons(world: World, tell: Narrator, role: string): Promise<void> {
  const { controllers } = await world.engine.explain(ANA.userName, {});
  const grant = controllers.flatMap(({ grants }) => grants).find((item) => item.role === role);
  const reason = grant?.reasons[0];
  tell.check('The rule behind it is known', reason !== undefined);
  if (reason !== undefined)
    tell.line(`rule ${reason.rule}, policy.yaml line ${reason.line}, group ${reason.group ?? '–'}`);
}

async function mover(world: World, tell: Narrator, time: Time, { id, pay, web }: Joined): Promise<void> {
  tell.chapter('A mover: Ana changes from team pay to team web');
  const { okta: provider } = world.providers;
  await send(provider, tell, 'PATCH', `/Groups/${pay}`, okta.remove(id), '- Ana');
  await send(provider, tell, 'PATCH', `/Groups/${web}`, okta.add([{ id, userName: ANA.userName }]), '+ Ana');
  if (!world.writes) return planned(world, tell, 'The plan has web-developer for Ana, and pay-developer no more');
  const lag = await until(async () => {
    const [before, after] = await Promise.all([world.holders('pay-developer'), world.holders('web-developer')]);
    return !before.includes(ANA.userName) && after.includes(ANA.userName);
  }, time);
  tell.check('Ana is web-developer, and pay-developer no more', lag !== undefined, took(lag));
}

async function massRemoval(world: World, tell: Narrator, time: Time): Promise<void> {
  if (!world.writes) return;
  tell.chapter(`A mass removal: Okta pushes an empty group of ${CREW}`);
  const { okta: provider } = world.providers;
  const ops = idOf(await send(provider, tell, 'POST', '/Groups', okta.group('ci-ops-dev'), 'ci-ops-dev'));
  const crew = await Promise.all(
    Array.from({ length: CREW }, async (_, index) => {
      const person = {
        userName: `ops${index + 1}@corp.test`,
        given: 'Ops',
        family: `No ${index + 1}`,
        externalId: `00u-ops-${index + 1}`,
      };
      return { id: idOf(await provider.send('POST', '/Users', okta.person(person))), userName: person.userName };
    }),
  );
  await send(provider, tell, 'PATCH', `/Groups/${ops}`, okta.push(crew), `${CREW} members`);
  const lag = await until(async () => (await world.holders('ops-developer')).length === CREW, time);
  tell.check(`All ${CREW} are ops-developer`, lag !== undefined, took(lag));
  await send(provider, tell, 'PATCH', `/Groups/${ops}`, okta.push([]), 'no members at all');
  const heldAfter = await until(async () => (await world.engine.held()).length > 0, time);
  const held = (await world.engine.held())[0];
  tell.check('The removal is held and waits for a person', heldAfter !== undefined, took(heldAfter));
  if (held !== undefined) tell.line(`${held.steps} step(s), ${held.ceiling}`, held.digest.slice(0, 12));
  tell.check('Nobody lost anything', (await world.holders('ops-developer')).length === CREW);
}

async function handMade(world: World, byHand: NonNullable<World['byHand']>, tell: Narrator): Promise<void> {
  tell.chapter('Drift: somebody grants web-developer by hand on Jenkins');
  await byHand.grant('web-developer', 'mallory');
  const plan = await world.engine.plan({});
  const text = JSON.stringify(plan.document);
  tell.check('mallory is found as unmanaged', text.includes('mallory'));
  tell.check(
    'and left alone: the service did not make that entry',
    (await world.holders('web-developer')).includes('mallory'),
  );
}

async function leaver(world: World, tell: Narrator, time: Time): Promise<void> {
  if (!world.writes) return;
  tell.chapter(`A leaver: Entra deactivates Bo${world.byHand === undefined ? '' : ', who has a token and a key'}`);
  const { entra: provider } = world.providers;
  await send(provider, tell, 'GET', entra.probe('5f0c0f9e-0000-4000-8000-000000000000'), undefined, 'Test Connection');
  const id = idOf(await send(provider, tell, 'POST', '/Users', entra.person(BO), BO.userName));
  const group = idOf(await send(provider, tell, 'POST', '/Groups', entra.group('ci-data-dev', '8aa1'), 'ci-data-dev'));
  await send(provider, tell, 'PATCH', `/Groups/${group}`, entra.add(id), '+ Bo');
  const joined = await until(async () => (await world.holders('data-developer')).includes(BO.userName), time);
  tell.check('Bo is data-developer on Jenkins', joined !== undefined, took(joined));
  await world.byHand?.equip(BO.userName);
  await send(provider, tell, 'PATCH', `/Users/${id}`, entra.disable(), 'active: False');
  const ended = await until(
    async () => (await world.engine.leaver(BO.userName, { now: false }, () => {})).complete,
    time,
  );
  const left = await world.person(BO.userName);
  tell.check(
    'Bo has no entry, token or key left on Jenkins',
    left.entries + left.tokens + left.sshKeys === 0,
    took(ended),
  );
  const certificate = await world.engine.leaver(BO.userName, { now: false }, () => {});
  tell.check('The certificate is complete', certificate.complete);
  tell.text(indent(certificateText(certificate)));
}

async function why(world: World, tell: Narrator): Promise<void> {
  tell.chapter('Why: jenkins-scim explain ana@corp.test');
  const explanation = await world.engine.explain(ANA.userName, {});
  tell.text(indent(explanationText(explanation)));
  tell.check(
    'Every permission has a rule',
    explanation.controllers.every(({ grants }) => grants.every((grant) => grant.reasons.length > 0)),
  );
}

async function send(
  provider: Provider,
  tell: Narrator,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body: unknown,
  about: string,
): Promise<ScimAnswer> {
  const answer = await provider.send(method, path, body);
  const shown = path.replace(/\?.*/, '').replace(/\/[0-9a-f-]{20,}$/, '/…');
  tell.line(
    `${provider.name.padEnd(6)}${method.padEnd(6)}${shown.padEnd(12)}${about}`,
    `${answer.status}  ${took(answer.milliseconds)}`,
  );
  if (answer.status >= 400)
    tell.check(`${method} ${shown} is accepted`, false, String(answer.body.detail ?? answer.status));
  return answer;
}

function idOf(answer: ScimAnswer): string {
  return String(answer.body.id ?? 'none');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '   ');
}
