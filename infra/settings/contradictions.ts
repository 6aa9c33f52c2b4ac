/** Settings that are each valid but do not go together. */
import type { Settings } from '../settings.ts';

/** Lambda: all environment variables of a function take 4 KB at most, and the rest of them needs about 1 KB. */
const SCRAPE_RULES_BYTES = 3000;

/** One sentence a contradiction; none: the settings go together. */
export function contradictions(settings: Settings): readonly string[] {
  const rulesBytes = Buffer.byteLength(JSON.stringify(settings.scrapeRules));
  const rules: readonly (readonly [boolean, string])[] = [
    [
      settings.collectors > settings.shards,
      `collectors is ${settings.collectors}, but each cluster has only ${settings.shards} shards to split between them: raise shards`,
    ],
    [
      rulesBytes > SCRAPE_RULES_BYTES,
      `scrapeRules takes ${rulesBytes} bytes of JSON, but a Lambda environment has room for ${SCRAPE_RULES_BYTES}: use docker labels for some of the tasks`,
    ],
    [
      settings.alarmEmail !== undefined && settings.alarmTopicArn !== undefined,
      'alarmEmail and alarmTopicArn exclude each other: subscribe the address to the topic',
    ],
    [
      !settings.alarms && (settings.alarmEmail ?? settings.alarmTopicArn) !== undefined,
      'alarms is false, but alarmEmail or alarmTopicArn is set',
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, sentence]) => sentence);
}
