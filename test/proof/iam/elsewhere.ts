/** The same request about something that is none of this deployment's: IAM must refuse it. */
import { OWNER_TAG } from '../../../functions/discovery/names.ts';
import { ACCOUNT } from '../deployed/literal.ts';
import type { Ask } from './asks.ts';

const tagged = (owner: string) => ({ [`aws:ResourceTag/${OWNER_TAG}`]: owner });

/** @returns none where IAM knows no resource for the action, or where a policy says why it cannot be narrowed */
export function elsewhere(ask: Ask): readonly Ask[] {
  const { action, resource } = ask;
  const [, , service, , , ...rest] = resource.split(':');
  if (service === undefined || action === 'servicediscovery:ListInstances') return [];
  const ofAnother = { ...ask, resource: resource.replace(ACCOUNT, '444455556666') };
  switch (service) {
    case 'ecs': {
      const [, cluster = ''] = rest.join(':').split('/');
      const ofOthers = [`${cluster}-2`, `a-${cluster}`].map((other) => inCluster(ask, cluster, other));
      // What narrows ListTasks is the condition: its policy cannot name a resource.
      return action === 'ecs:ListTasks' ? [...ofOthers, { ...ask, context: {} }] : [...ofOthers, ofAnother];
    }
    case 'iam': {
      const others = [resource.replace(/::\d+:/, '::777788889999:'), resource.replace('eu-north-1', 'eu-south-1')];
      return [...others, resource.replace('/', '/a-')].map((other) => ({ ...ask, resource: other }));
    }
    case 'servicediscovery':
      return [ofAnother, { ...ask, context: {} }, { ...ask, context: tagged('another') }];
    case 'ssm': {
      const name = rest.join(':').replace(/^parameter\//, '');
      const others = [name.replace(/^([^/]+)/, '$1-2'), `a/${name}`, name.replace('/targets/', '/others/')];
      const different = others.filter((other) => other !== name);
      return [ofAnother, ...different.map((other) => ({ ...ask, resource: resource.replace(name, other) }))];
    }
    case 'kms':
      // Only Secrets Manager may use the key on behalf of the role.
      return [ofAnother, { ...ask, resource: `${resource}-2` }, { ...ask, context: {} }];
    case 'logs':
      return [ofAnother, { ...ask, resource: resource.replace(':log-stream', '-2:log-stream') }];
    default:
      return [ofAnother, { ...ask, resource: `${resource}-2` }];
  }
}

const inCluster = (ask: Ask, cluster: string, other: string): Ask => ({
  ...ask,
  resource: ask.resource.replace(`/${cluster}`, `/${other}`),
  context: Object.fromEntries(
    Object.entries(ask.context).map(([key, value]) => [key, value.replace(`/${cluster}`, `/${other}`)]),
  ),
});
