/** What tags of the Cloud Map service say. */
import {
  type CloudMapServices,
  SCRAPE_TAGS,
  type TaggedCloudMapService,
} from '../../../functions/discovery/selection/cloud-map-service.ts';
import type { Selected, Selector } from '../../../functions/discovery/selection/select-endpoints.ts';
import type { Task } from '../../../functions/discovery/task/task.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { adviceOnError } from './advice.ts';
import { asked } from './asked.ts';
import { failed, type Step, skipped, warning } from './explained-task.ts';

export const TAGS_STEP = 'tags';

export function tagSteps(
  services: CloudMapServices,
  { namespacesParameter }: DiscoverySettings,
  { service }: Task,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  if (namespacesParameter === undefined) return [skipped(TAGS_STEP, 'Cloud Map is not used by this deployment')];
  if (service === undefined) return [skipped(TAGS_STEP, 'a task without a service has no Cloud Map service')];
  const { tagged, others = [] } = services;
  const warnings = (selected?.warnings ?? [])
    .filter(({ message }) => message.startsWith('Cloud Map service '))
    .map(({ message }) => warning(TAGS_STEP, message, 'Correct the tag, then run "resync": a tag is no event.'));
  const undecided = selected?.undecided
    ? [failed(TAGS_STEP, selected.undecided.message, adviceOnError(selected.undecided))]
    : [];
  if (tagged && winner === 'cloud-map-tags' && selected)
    return [...asked(TAGS_STEP, [tagsOf(tagged)], selected), ...warnings];
  const says = tagged
    ? `${tagsOf(tagged)} (${winner === 'docker-labels' ? 'docker labels come first' : 'asks for nothing'})`
    : others.length > 0
      ? `none that asks for scraping on ${others.map(nameOf).join(', ')}`
      : `no Cloud Map service belongs to service ${service}`;
  return [skipped(TAGS_STEP, says), ...warnings, ...undecided];
}

const nameOf = ({ name, namespace }: TaggedCloudMapService): string => `${name} in ${namespace}`;

const tagsOf = (service: TaggedCloudMapService): string => {
  const tags = Object.values<string>(SCRAPE_TAGS).flatMap((tag) =>
    tag in service.tags ? [`${tag}=${service.tags[tag]}`] : [],
  );
  return `${nameOf(service)}: ${tags.join(', ')}`;
};
