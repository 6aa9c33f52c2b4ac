/**
 * Two accounts at once: the deployment in one, a source in the other. What the functions do there under the role of the source,
 * who may assume it, and who may put events on the bus.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WATCHER_TAG } from '../../../functions/discovery/names.ts';
import { type Context, removeSynthesised } from '../../infra/synth.ts';
import { type Deployment, deploy, functionOf, type PolicyDocument, type Role } from '../deployed/deployment.ts';
import { ACCOUNT, REGION } from '../deployed/literal.ts';
import { type Ask, asksOf } from './asks.ts';
import { type Asker, askerOf, decide } from './decide.ts';
import { elsewhere } from './elsewhere.ts';
import { unusedGrants } from './grants.ts';
import { recordDay } from './recorded-day.ts';
import { SOURCE } from './recorder.ts';

const OTHER = { account: '444455556666', region: 'eu-north-1' };
const STRANGER = '777788889999';

/**
 * Templates are made literal for one account and Region. That of the source is, too, and the deployment that it trusts is
 * then in the other one: what the deployment says of the source, and of itself, has both changed places.
 */
function mirrored<T>(value: T): T {
  const swap: Readonly<Record<string, string>> = {
    [ACCOUNT]: OTHER.account,
    [OTHER.account]: ACCOUNT,
    [REGION]: OTHER.region,
    [OTHER.region]: REGION,
  };
  const pattern = new RegExp(Object.keys(swap).join('|'), 'g');
  return JSON.parse(JSON.stringify(value).replaceAll(pattern, (found) => swap[found] as string)) as T;
}

const VARIANTS: Readonly<Record<string, Context>> = {
  'with an external id': { externalId: 'x-1' },
  'with labels from tags': { tagLabels: 'team' },
};

afterAll(removeSynthesised);

describe.each(Object.entries(VARIANTS))('a cluster elsewhere, %s', (_, settings) => {
  let deployment: Deployment;
  let source: Deployment;
  let asked: Ask[];
  let role: Role;
  let trust: PolicyDocument;

  beforeAll(async () => {
    const arn = `arn:aws:ecs:${OTHER.region}:${OTHER.account}:cluster/prod`;
    deployment = deploy({ clusters: `prod,${arn}`, namespaces: 'ecs-services', ...settings });
    const forwardTo = `arn:aws:events:${OTHER.region}:${OTHER.account}:event-bus/discovery`;
    source = deploy({ clusters: 'prod', forwardTo, ...settings });
    const sent = await recordDay(deployment);
    asked = mirrored(sent.filter(({ from }) => from === SOURCE).flatMap(asksOf));
    role = source.role(`arn:aws:iam::${ACCOUNT}:role/discovery-source-${REGION}`);
    trust = source.resourcePolicies.get(role.arn) as PolicyDocument;
  });

  describe('the role of the source', () => {
    it('allows what the functions ask of ECS and EC2 there', async () => {
      expect(new Set(asked.map(({ action }) => action))).toContain('ecs:DescribeTasks');
      for (const ask of asked) expect([ask, await decide(askerOf(role), ask)]).toEqual([ask, 'Allowed']);
    });

    it('allows nothing that they do not ask', async () => {
      expect(await unusedGrants(role, asked)).toEqual([]);
    });

    it('refuses the same about other clusters', async () => {
      const others = asked.flatMap(elsewhere);
      expect(others.length).toBeGreaterThan(0);
      for (const ask of others) expect([ask, await decide(askerOf(role), ask)]).toEqual([ask, 'ImplicitlyDenied']);
    });

    const assume = (asker: Asker, context: Ask['context']) => {
      const ask = { action: 'sts:AssumeRole', resource: role.arn, context };
      return decide(asker, ask, trust, ACCOUNT);
    };
    /** A function of the deployment, as the source sees it: in the other account. */
    const functionNamed = (name: string): Asker => askerOf(mirrored(functionOf(deployment, name).role));
    const known = () => {
      const environment = functionOf(deployment, 'observe').environment;
      return {
        'sts:ExternalId': environment['DISCOVERY_EXTERNAL_ID'] ?? '',
        [`aws:PrincipalTag/${WATCHER_TAG}`]: 'discovery',
      };
    };

    it.each(['observe', 'store', 'resync'])(
      'is assumed by %s, which has the tag that its trust asks for',
      async (name) => {
        const arn = functionOf(deployment, name).role.arn;
        expect(deployment.tags.get(arn)).toMatchObject({ [WATCHER_TAG]: 'discovery' });
        expect(await assume(functionNamed(name), known())).toBe('Allowed');
      },
    );

    it('is not assumed by a function that needs it not', async () => {
      expect(deployment.tags.get(functionOf(deployment, 'register').role.arn)).toEqual({});
      expect(await assume(functionNamed('register'), known())).toBe('ImplicitlyDenied');
    });

    it.each([
      ['without the external id', { 'sts:ExternalId': undefined }],
      ['with another external id', { 'sts:ExternalId': 'guessed' }],
      ['without the tag', { [`aws:PrincipalTag/${WATCHER_TAG}`]: undefined }],
      ['with the tag of another deployment', { [`aws:PrincipalTag/${WATCHER_TAG}`]: 'another' }],
    ])('is not assumed %s, whatever is allowed to who tries', async (__, change) => {
      const administrator = { ...functionNamed('observe'), policies: ANYTHING };
      expect(await assume(administrator, known())).toBe('Allowed');
      const context = Object.entries({ ...known(), ...change }).filter(([, value]) => value !== undefined);
      expect(await assume(administrator, Object.fromEntries(context) as Ask['context'])).toBe('ImplicitlyDenied');
    });

    it('is not assumed by a third account', async () => {
      const stranger = { principal: `arn:aws:iam::${STRANGER}:role/administrator`, policies: ANYTHING };
      expect(await assume(stranger, known())).toBe('ImplicitlyDenied');
    });
  });

  describe('the bus of the deployment', () => {
    const bus = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/discovery`;
    const FORWARDED = {
      'events:source': ['aws.ecs'],
      'events:detail-type': ['ECS Task State Change'],
      'events:eventBusInvocation': 'true',
    };
    const put = (asker: Asker, context: Readonly<Record<string, string | readonly string[]>>, resource = bus) =>
      decide(asker, { action: 'events:PutEvents', resource, context }, deployment.resourcePolicies.get(bus), ACCOUNT);
    /** The role by which EventBridge forwards, as the deployment sees it. */
    const forwarder = (): Asker => {
      const [rule] = source.rules;
      return askerOf(mirrored(source.role(rule?.properties.Targets[0].RoleArn)));
    };

    it('takes task events that a source forwards', async () => {
      expect(mirrored(source.rules[0]?.properties.Targets[0].Arn)).toBe(bus);
      expect(await put(forwarder(), FORWARDED)).toBe('Allowed');
    });

    it('is all that the role of the rule may put events on, and all that it may', async () => {
      expect(await put(forwarder(), FORWARDED, `${bus}-2`)).toBe('ImplicitlyDenied');
      const asks = [{ action: 'events:PutEvents', resource: bus, context: {} }];
      const [rule] = source.rules;
      expect(await unusedGrants(source.role(rule?.properties.Targets[0].RoleArn), mirrored(asks))).toEqual([]);
    });

    it.each<[string, object]>([
      ['that somebody puts, and no rule forwards', { 'events:eventBusInvocation': 'false' }],
      ['of another source', { 'events:source': ['team.ecs'] }],
      ['of another source among others', { 'events:source': ['aws.ecs', 'team.ecs'] }],
      ['without a source', { 'events:source': undefined }],
      ['of another kind', { 'events:detail-type': ['ECS Service Action'] }],
      ['without a kind', { 'events:detail-type': undefined }],
    ])('takes no events %s', async (__, change) => {
      const context = Object.entries({ ...FORWARDED, ...change }).filter(([, value]) => value !== undefined);
      const administrator = { principal: `arn:aws:iam::${OTHER.account}:role/administrator`, policies: ANYTHING };
      expect(await put(administrator, FORWARDED)).toBe('Allowed');
      expect(await put(administrator, Object.fromEntries(context))).toBe('ImplicitlyDenied');
    });

    it('takes none of a third account', async () => {
      const stranger = { principal: `arn:aws:iam::${STRANGER}:role/administrator`, policies: ANYTHING };
      expect(await put(stranger, FORWARDED)).toBe('ImplicitlyDenied');
    });
  });
});

const ANYTHING: readonly PolicyDocument[] = [
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
];
