/** Who may announce, and who may put messages into the queues: what the policies of the topic and the queues decide. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { removeSynthesised } from '../../infra/synth.ts';
import { deploy, functionOf, type PolicyDocument } from '../deployed/deployment.ts';
import { ACCOUNT } from '../deployed/literal.ts';
import { type Ask, arn } from './asks.ts';
import { type Asker, askerOf, decide } from './decide.ts';

const deployment = deploy({ clusters: 'prod', namespaces: 'ecs-services', collectors: 2 });
const topic = [...deployment.resourcePolicies.keys()].find((it) => it.startsWith('arn:aws:sns:')) ?? '';
const policyOf = (name: string): PolicyDocument => {
  const found = deployment.resourcePolicies.get(name);
  if (!found) throw new Error(`${name} has no policy`);
  return found;
};
const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
const queues = [...deployment.resourcePolicies.keys()].filter((it) => it.startsWith('https://')).map(nameOf);
const named = (part: string): string[] => queues.filter((name) => name.includes(part));
const [stops = ''] = named('QueuesStops');
const [runs = ''] = named('QueuesRuns');
const heard = [...named('StoreQueuesChanges'), ...named('RegisterQueuesChanges'), ...named('discovery-collector-')];
const undelivered = named('Undelivered');

afterAll(removeSynthesised);

/** Somebody of the account whose own policies forbid nothing. */
const ADMINISTRATOR: Asker = {
  principal: `arn:aws:iam::${ACCOUNT}:role/administrator`,
  policies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }],
};

describe('the topic', () => {
  const publish: Ask = { action: 'sns:Publish', resource: topic, context: {} };
  const insecure = { ...publish, context: { 'aws:SecureTransport': 'false' } };
  const roleOf = (name: string) => askerOf(functionOf(deployment, name).role);

  it.each(['observe', 'store', 'resync'])('takes announcements of %s, over TLS', async (name) => {
    expect(await decide(roleOf(name), publish, policyOf(topic))).toBe('Allowed');
    expect(await decide(roleOf(name), insecure, policyOf(topic))).toBe('ExplicitlyDenied');
  });

  it('takes none of anybody else in the account, whatever is allowed to them', async () => {
    expect(await decide(ADMINISTRATOR, publish)).toBe('Allowed');
    expect(await decide(ADMINISTRATOR, publish, policyOf(topic))).toBe('ExplicitlyDenied');
    expect(await decide(roleOf('register'), publish, policyOf(topic))).toBe('ExplicitlyDenied');
  });

  it('takes none of another account', async () => {
    const stranger = { ...ADMINISTRATOR, principal: ADMINISTRATOR.principal.replace(ACCOUNT, '444455556666') };
    expect(await decide(stranger, publish, policyOf(topic))).toBe('ExplicitlyDenied');
  });
});

describe('a queue', () => {
  const rule = (id: string): string => {
    const found = deployment.rules.find((it) => it.id.includes(id));
    return arn('events', `rule/${found?.id}`);
  };
  const send = (queue: string, service: string, context: Ask['context']) =>
    decide(
      { principal: `${service}.amazonaws.com`, policies: [] },
      { action: 'sqs:SendMessage', resource: arn('sqs', queue), context },
      policyOf(`https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/${queue}`),
    );
  const from = (source: string) => ({ 'aws:SourceArn': source });

  it('of events takes those of its rule, and of no other', async () => {
    expect(await send(stops, 'events', from(rule('StopsRule')))).toBe('Allowed');
    expect(await send(runs, 'events', from(rule('RunsRule')))).toBe('Allowed');
    expect(await send(stops, 'events', from(rule('RunsRule')))).toBe('ImplicitlyDenied');
    expect(await send(runs, 'events', from(arn('events', 'rule/of-a-team')))).toBe('ImplicitlyDenied');
    expect(await send(runs, 'events', {})).toBe('ImplicitlyDenied');
    expect(await send(runs, 'sns', from(topic))).toBe('ImplicitlyDenied');
  });

  it('of a consumer takes what comes from the topic, and from no other', async () => {
    expect(heard).toHaveLength(4);
    for (const queue of heard) {
      expect(await send(queue, 'sns', from(topic))).toBe('Allowed');
      expect(await send(queue, 'sns', from(`${topic}-2`))).toBe('ImplicitlyDenied');
      expect(await send(queue, 'sns', {})).toBe('ImplicitlyDenied');
      expect(await send(queue, 'events', from(rule('StopsRule')))).toBe('ImplicitlyDenied');
    }
  });

  it('takes messages of whoever may send to it by permissions of their own, as SECURITY.md says: so does a redrive', async () => {
    for (const queue of [stops, runs, ...heard]) {
      const ask: Ask = { action: 'sqs:SendMessage', resource: arn('sqs', queue), context: {} };
      const policy = policyOf(`https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/${queue}`);
      expect(await decide(ADMINISTRATOR, ask, policy)).toBe('Allowed');
      expect(await decide({ ...ADMINISTRATOR, policies: [] }, ask, policy)).toBe('ImplicitlyDenied');
    }
  });

  it('for what was not delivered takes it from the rules, or from the topic', async () => {
    const [ofEvents = '', ofTopic = ''] = undelivered.sort((a) => (a.includes('Observe') ? -1 : 1));
    for (const id of ['StopsRule', 'RunsRule']) {
      expect(await send(ofEvents, 'events', from(rule(id)))).toBe('Allowed');
    }
    expect(await send(ofEvents, 'events', from(arn('events', 'rule/of-a-team')))).toBe('ImplicitlyDenied');
    expect(await send(ofTopic, 'sns', from(topic))).toBe('Allowed');
    expect(await send(ofTopic, 'sns', from(`${topic}-2`))).toBe('ImplicitlyDenied');
  });

  it.each(queues)('takes and gives nothing without TLS: %s', async (queue) => {
    for (const action of ['sqs:SendMessage', 'sqs:ReceiveMessage']) {
      const ask = { action, resource: arn('sqs', queue), context: { 'aws:SecureTransport': 'false' } };
      const policy = policyOf(`https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/${queue}`);
      expect(await decide(ADMINISTRATOR, ask, policy)).toBe('ExplicitlyDenied');
    }
  });
});
