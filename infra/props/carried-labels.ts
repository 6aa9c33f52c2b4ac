/** Reads the settings that name docker labels and tags; a name that could never become a label is an error here. */
import { isCarriable } from '../../functions/discovery/selection/carried-labels.ts';
import { LABELS } from '../../functions/discovery/target/labels.ts';
import { BadValue, list, type Shape, shape, text } from './shape.ts';

function names(name: Shape<string>, accepts: string, isUsable: (name: string) => boolean): Shape<readonly string[]> {
  return shape(accepts, (raw) => {
    const values = list(name, accepts)(raw);
    const bad = values.find((one) => !isUsable(one));
    if (bad !== undefined) throw new BadValue(`names ${bad}, which the discovery or Prometheus keeps to itself`);
    return values;
  });
}

export const dockerLabelNames = names(
  text(/^[!-+\--~]{1,255}$/, 'a name of a docker label, with * for any characters'),
  'names of docker labels, with commas between them',
  isCarriable,
);

/** AWS Resource Groups Tagging API reference, `TagKey`: 128 letters, digits, blanks and _.:/=+-@. */
export const tagKeys = names(
  text(/^[\p{L}\p{Z}\p{N}_.:/=+\-@*]{1,128}$/u, 'a key of a tag, with * for any characters'),
  'keys of tags, with commas between them',
  // A docker label names the job where no other does, and a tag never.
  (key) => key !== LABELS.job && isCarriable(key),
);
