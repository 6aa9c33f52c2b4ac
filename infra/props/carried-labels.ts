/** Reads the settings that name docker labels and tags; a name that could never become a label is an error here. */
import { isCarriable } from '../../functions/discovery/selection/carried-labels.ts';
import { BadValue, list, type Shape, shape, text } from './shape.ts';

function names(what: string, accepts: string): Shape<readonly string[]> {
  const name = text(/^[!-+\--~]{1,255}$/, `${what}, with * for any characters`);
  return shape(accepts, (raw) => {
    const values = list(name, accepts)(raw);
    const bad = values.find((one) => !isCarriable(one));
    if (bad !== undefined) throw new BadValue(`names ${bad}, which the discovery or Prometheus keeps to itself`);
    return values;
  });
}

export const dockerLabelNames = names('a name of a docker label', 'names of docker labels, with commas between them');

export const tagKeys = names('a key of a tag', 'keys of tags, with commas between them');
