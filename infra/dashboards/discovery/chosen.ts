import { DISCOVERED } from '../../constructs/collector/series-matchers.ts';

/** Matchers of the targets that the reader has chosen. */
export const CHOSEN = `${DISCOVERED},cluster=~"$cluster",service=~"$service"`;

/** Seconds since the newest sample of each target was taken. */
export const AGE = `time() - timestamp(up{${CHOSEN}})`;
