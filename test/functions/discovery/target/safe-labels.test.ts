import { describe, expect, it } from '@jest/globals';
import { selectEndpoints } from '../../../../functions/discovery/selection/select-endpoints.ts';
import { targetGroups } from '../../../../functions/discovery/target/file-sd.ts';
import { EXTRA_LABELS, LABELS } from '../../../../functions/discovery/target/labels.ts';
import { targetsOfTask } from '../../../../functions/discovery/target/task-targets.ts';
import { parseTask } from '../../../../functions/discovery/task/task.ts';
import { describedTask } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

type Words = Readonly<Record<string, string>>;

/** What a collector reads of a task whose container has these docker labels, and the task and its service these tags. */
function written(dockerLabels: Words, tags: Words, carried: readonly string[]) {
  const task = parseTask({ ...describedTask(), tags: Object.entries(tags).map(([key, value]) => ({ key, value })) });
  const containers = [{ name: 'web', dockerLabels, containerPorts: [9090] }];
  const definition = { arn: task.taskDefinitionArn, networkMode: 'awsvpc', containers };
  const rules = [{ service: '*', container: '*', port: 9090 }];
  const { endpoints } = selectEndpoints(task, definition, {}, { scrapeRules: rules, dockerLabels: carried });
  const labels = { tags: [...carried], extra: [...EXTRA_LABELS] };
  const { targets } = targetsOfTask(task, 'awsvpc', endpoints, {
    labels,
    tags: { service: tags, cluster: tags },
    definition,
  });
  return targetGroups(targets ? [targets] : []);
}

const OURS = [...Object.values<string>(LABELS).filter((name) => name !== 'job'), ...EXTRA_LABELS];

const name = fc.oneof(
  fc.constantFrom(...OURS, 'job', '__address__', '__name__', '__param_x', '__meta_ecs_cluster', '__tmp', 'env'),
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
);
const words = fc.dictionary(name, fc.string(), { noNullPrototype: true });

describe('labels that a workload sets', () => {
  it('never replace one of ours or a reserved one, and have names that Prometheus takes', () => {
    fc.assert(
      fc.property(words, words, (dockerLabels, tags) => {
        const [plain] = written({}, {}, []);
        const [carrying] = written(dockerLabels, tags, ['*']);
        expect(carrying?.targets).toEqual(plain?.targets);
        const labels = carrying?.labels ?? {};
        for (const own of OURS) expect(labels[own]).toBe(plain?.labels[own]);
        for (const [label, value] of Object.entries(labels)) {
          expect(label).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
          expect(value).not.toBe('');
        }
        const reserved = Object.keys(labels).filter((label) => label.startsWith('__'));
        expect(reserved).toEqual([LABELS.metricsPath]);
      }),
    );
  });
});
