/** Endpoints that the tags of the task's Cloud Map service select, as the reference system reads them. */
import { nearest, plain } from '../nearest.ts';
import { SCRAPE_TAGS, type TaggedCloudMapService } from './cloud-map-service.ts';
import { LABEL_NAMES, suffixOf } from './docker-label-names.ts';
import { type RequestedEndpoint, readEndpoint, type Selection, selectionOf } from './scrape-endpoint.ts';
import { type Warning, warn } from './warning.ts';

/** Where the reference system scrapes when neither a tag nor the registration names a port. */
const REFERENCE_DEFAULT_PORT = 80;

export function selectByCloudMapTags(service: TaggedCloudMapService): Selection {
  const { tags, port = REFERENCE_DEFAULT_PORT } = service;
  const requested: RequestedEndpoint[] = [];
  const path = tags[SCRAPE_TAGS.metricsPath];
  if (path !== undefined) requested.push({ port: tags[SCRAPE_TAGS.metricsPort]?.trim() || String(port), path });
  const ecsPath = tags[SCRAPE_TAGS.ecsMetricsPath];
  const ecsPort = tags[SCRAPE_TAGS.ecsMetricsPort]?.trim();
  if (ecsPath !== undefined && ecsPort) requested.push({ port: ecsPort, path: ecsPath });
  return selectionOf(requested.map(readEndpoint), unreadTags(service));
}

const KNOWN_TAGS: readonly string[] = Object.values(SCRAPE_TAGS);

/** Tags that look like ours and have no effect: misspelt, one of two that need each other, or a docker label. */
export function unreadTags({ name, tags }: TaggedCloudMapService): Warning[] {
  const { metricsPort, metricsPath, ecsMetricsPort, ecsMetricsPath } = SCRAPE_TAGS;
  const of = (tag: string, problem: string): Warning => warn(`Cloud Map service ${name}: the tag ${tag} ${problem}`);
  const needs = (tag: string, other: string): Warning[] =>
    tag in tags && !(other in tags) ? [of(tag, `has no effect without ${other}`)] : [];
  return [
    ...needs(metricsPort, metricsPath),
    ...needs(ecsMetricsPort, ecsMetricsPath),
    ...needs(ecsMetricsPath, ecsMetricsPort),
    ...Object.keys(tags)
      .sort()
      .filter((tag) => LABEL_NAMES.some((name) => suffixOf(tag, name) !== undefined))
      .map((tag) => of(tag, `is a docker label of containers; the tags that are read are ${KNOWN_TAGS.join(', ')}`)),
    ...Object.keys(tags)
      .sort()
      .filter((tag) => !KNOWN_TAGS.includes(tag) && /^(ecs)?metric/.test(plain(tag)))
      .flatMap((tag) => {
        const meant = nearest(tag, KNOWN_TAGS);
        return meant === undefined ? [] : [of(tag, `is not one that is read; did you mean ${meant}?`)];
      }),
  ];
}
