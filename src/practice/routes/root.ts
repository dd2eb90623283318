import { type Answer, api, json, redirect } from '../answer.ts';
import type { Exchange } from '../exchange.ts';

/** `GET /whoAmI/api/json`: the best probe of a credential, open to everybody. */
export function whoAmI(exchange: Exchange): Answer | undefined {
  if (!isRead(exchange, 'whoAmI/api/json')) return undefined;
  const { name, anonymous, authorities } = exchange.visit.visitor;
  return api({ _class: 'hudson.security.WhoAmI', anonymous, authenticated: true, authorities, name }, exchange.stamp);
}

export function health(exchange: Exchange): Answer | undefined {
  if (exchange.request.method !== 'GET') return undefined;
  if (exchange.request.path === '/health') return redirect('/health/');
  return exchange.request.path === '/health/' ? json({ status: true }) : undefined;
}

export function crumbIssuer(exchange: Exchange): Answer | undefined {
  if (!isRead(exchange, 'crumbIssuer/api/json')) return undefined;
  const body = {
    _class: 'hudson.security.csrf.DefaultCrumbIssuer',
    crumb: exchange.crumb(),
    crumbRequestField: 'Jenkins-Crumb',
  };
  return api(body, exchange.stamp);
}

/** `GET /api/json`, whole or by the outermost names of `tree`. */
export function root(exchange: Exchange): Answer | undefined {
  if (!isRead(exchange, 'api/json')) return undefined;
  const { url } = exchange.host;
  const all = { _class: 'hudson.model.AllView', name: 'all', url };
  const body: Record<string, unknown> = {
    _class: 'hudson.model.Hudson',
    assignedLabels: [{ name: 'built-in' }],
    mode: 'NORMAL',
    nodeDescription: "the Jenkins controller's built-in node",
    nodeName: '',
    numExecutors: 0,
    description: null,
    jobs: [],
    overallLoad: {},
    primaryView: all,
    quietDownReason: null,
    quietingDown: exchange.home.quietingDown,
    slaveAgentPort: -1,
    unlabeledLoad: { _class: 'jenkins.model.UnlabeledLoadStatistics' },
    url,
    useCrumbs: true,
    useSecurity: true,
    views: [all],
  };
  const tree = outermost(exchange.request.parameters.get('tree'));
  const shown = Object.entries(body).filter(([name]) => tree === undefined || name === '_class' || tree.includes(name));
  return api(Object.fromEntries(shown), exchange.stamp);
}

/** `jobs[name,jobs[name]],mode` asks for jobs and mode. */
function outermost(tree: string | undefined): readonly string[] | undefined {
  let depth = 0;
  const kept = [...(tree ?? '')].filter((character) => {
    if (character === '[') depth++;
    else if (character === ']') depth--;
    else return depth === 0;
    return false;
  });
  return tree === undefined ? undefined : kept.join('').split(',');
}

export function isRead({ request }: Exchange, path: string): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && request.segments.join('/') === path;
}
