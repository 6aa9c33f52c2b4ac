/** What an operator may set, read from the environment once. */
export interface WebappSettings {
  /** Address to listen on. Several copies on one machine each take their own 127.x.y.z. */
  readonly host: string;
  /** TCP port; 0 lets the system choose one. */
  readonly port: number;
  /** Requests a second that the built-in load generator sends to `GET /work`; 0 turns it off. */
  readonly loadRequestsPerSecond: number;
  /** Mean time in milliseconds that `GET /work` takes to answer. */
  readonly workMilliseconds: number;
}

/** A setting that cannot be used. The message names the variable, its value and what is accepted. */
class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';
}

interface NumberRule {
  readonly fallback: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly whole: boolean;
}

function numberSetting(environment: NodeJS.ProcessEnv, variable: string, rule: NumberRule): number {
  const text = environment[variable]?.trim();
  if (text === undefined || text === '') return rule.fallback;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const accepted = value >= rule.minimum && value <= rule.maximum && (!rule.whole || Number.isInteger(value));
  if (accepted) return value;
  const kind = rule.whole ? 'a whole number' : 'a number';
  throw new InvalidSettingError(`${variable} is "${text}": set ${kind} from ${rule.minimum} to ${rule.maximum}.`);
}

/** Reads the settings. @throws {@link InvalidSettingError} for the first value that cannot be used. */
export function webappSettings(environment: NodeJS.ProcessEnv): WebappSettings {
  return {
    host: environment['HOST']?.trim() || '0.0.0.0',
    port: numberSetting(environment, 'PORT', { fallback: 3000, minimum: 0, maximum: 65_535, whole: true }),
    loadRequestsPerSecond: numberSetting(environment, 'LOAD_REQUESTS_PER_SECOND', {
      fallback: 10,
      minimum: 0,
      maximum: 1000,
      whole: false,
    }),
    workMilliseconds: numberSetting(environment, 'WORK_MILLISECONDS', {
      fallback: 25,
      minimum: 0,
      maximum: 10_000,
      whole: false,
    }),
  };
}
