import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { ALERT_RULES, RULES_FILE, rulesFile } from '../../infra/alert-rules/rules-file.ts';
import { AlertRules, existingWorkspace } from '../../infra/index.ts';
import { removeSynthesised, synthesise } from './synth.ts';

const RULES = Object.values(ALERT_RULES).flat();
const TYPE = 'AWS::APS::RuleGroupsNamespace';

interface Rule {
  readonly alert: string;
  readonly annotations: Readonly<Record<string, string>>;
}
const rulesIn = (text: string): Rule[] =>
  (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);

describe(`docs/alerts/${RULES_FILE}`, () => {
  it('is what the code makes: run `npm run alerts` after a change', () => {
    expect(readFileSync(`docs/alerts/${RULES_FILE}`, 'utf8')).toBe(rulesFile());
  });
});

describe.each(RULES)('$name', ({ name, summary, action }) => {
  it('says what happened, to what, and what to do, in sentences', () => {
    expect(summary).toMatch(/\{\{.+\}\}.*\.$/);
    expect(action).toMatch(/^[A-Z].{40,}\.$/);
  });

  it('has a section of its own in the page that it links to', () => {
    const [page = '', anchor] =
      rulesIn(rulesFile())
        .find(({ alert }) => alert === name)
        ?.annotations['runbook_url']?.split('#') ?? [];
    const headings = [...readFileSync(page, 'utf8').matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toContain(name);
    expect(anchor).toBe(name.toLowerCase());
  });
});

describe('the rules in a workspace', () => {
  afterAll(removeSynthesised);
  const metrics = (settings = {}) => {
    const { stacks } = synthesise(settings);
    return stacks['ecs-prometheus-discovery-metrics'] as Template;
  };

  it('come with the workspace that the app makes', () => {
    const [namespace, ...more] = Object.values(metrics().findResources(TYPE));
    expect(more).toEqual([]);
    expect(namespace?.['Properties']).toMatchObject({
      Name: 'ecs-prometheus-discovery',
      Workspace: { 'Fn::GetAtt': [expect.stringMatching(/^Workspace/), 'Arn'] },
      Data: rulesFile(),
    });
  });

  it('are left out of a workspace that exists', () => {
    metrics({ workspace: 'ws-12345678-1234-1234-1234-123456789012' }).resourceCountIs(TYPE, 0);
  });

  it('notify nobody without an address or a topic', () => {
    metrics().hasResourceProperties('AWS::APS::Workspace', { AlertManagerDefinition: Match.absent() });
  });

  it('notify the topic that gets the alarms', () => {
    const topic = 'arn:aws:sns:eu-west-1:123456789012:pager';
    const [workspace] = Object.values(metrics({ alarmTopicArn: topic }).findResources('AWS::APS::Workspace'));
    const { alertmanager_config } = parse(workspace?.['Properties'].AlertManagerDefinition);
    expect(parse(alertmanager_config)).toEqual({
      route: { receiver: 'topic', group_by: ['alertname', 'cluster', 'service', 'instance'] },
      receivers: [{ name: 'topic', sns_configs: [{ topic_arn: topic, sigv4: { region: 'eu-west-1' } }] }],
    });
  });

  it('notify an address through a topic that only the workspace may publish to', () => {
    const template = metrics({ alarmEmail: 'ops@example.com' });
    const [[topic = ''] = []] = Object.entries(template.findResources('AWS::SNS::Topic'));
    const arn = Match.objectLike({ 'Fn::GetAtt': [Match.stringLikeRegexp('^Workspace'), 'Arn'] });
    template.hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'ops@example.com', TopicArn: { Ref: topic } });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['sns:GetTopicAttributes', 'sns:Publish'],
            Effect: 'Allow',
            Principal: { Service: 'aps.amazonaws.com' },
            Condition: Match.objectLike({ ArnEquals: { 'aws:SourceArn': arn } }),
          }),
        ]),
      },
    });
    const [workspace] = Object.values(template.findResources('AWS::APS::Workspace'));
    const [, parts] = workspace?.['Properties'].AlertManagerDefinition['Fn::Join'] ?? [];
    const { alertmanager_config } = parse(
      parts.map((part: unknown) => (typeof part === 'string' ? part : 'IT')).join(''),
    );
    const [receiver] = parse(alertmanager_config).receivers;
    expect(receiver.sns_configs).toEqual([{ topic_arn: 'IT', sigv4: { region: 'IT' } }]);
    expect(parts).toContainEqual({ Ref: topic });
  });

  it('can be put into a workspace of another app, with links to where the page is read', () => {
    const stack = new Stack(new App(), 'Theirs', { env: { account: '123456789012', region: 'eu-central-1' } });
    const page = 'https://wiki.example.com/alerts';
    new AlertRules(stack, 'AlertRules', { workspace: existingWorkspace(stack, 'ws-1'), name: 'theirs', page });
    const [namespace] = Object.values(Template.fromStack(stack).findResources(TYPE));
    const links = rulesIn(namespace?.['Properties'].Data).map(({ annotations }) => annotations['runbook_url']);
    expect(links).toEqual(RULES.map(({ name }) => `${page}#${name.toLowerCase()}`));
  });
});
