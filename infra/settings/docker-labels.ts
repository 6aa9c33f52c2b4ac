/** Reads the setting `dockerLabels`; a name that could never become a label is an error here, not silence later. */
import { isCarriable } from '../../functions/discovery/selection/carried-labels.ts';
import { BadValue, list, type Shape, shape, text } from './shape.ts';

const ACCEPTS = 'names of docker labels, with commas between them';

const name = text(/^[!-+\--~]{1,255}$/, 'a name of a docker label, with * for any characters');

export const dockerLabelNames: Shape<readonly string[]> = shape(ACCEPTS, (raw) => {
  const names = list(name, ACCEPTS)(raw);
  const bad = names.find((one) => !isCarriable(one));
  if (bad !== undefined) throw new BadValue(`names ${bad}, which the discovery or Prometheus keeps to itself`);
  return names;
});
