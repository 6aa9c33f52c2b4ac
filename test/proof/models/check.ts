/** Compares what is sent to AWS, and what a fake of it answers, with the service's own model. */
import type { Service, ServiceModel, ServiceModels, Shape } from './service-models.ts';

export interface Exchange {
  readonly service: Service;
  readonly operation: string;
  readonly input: unknown;
  /** What was answered, or the error that was thrown; absent where nothing was. */
  readonly answer?: unknown;
}

/**
 * Errors that every operation of a service may answer, beside those of its model ("Common errors" of its API reference; for
 * EC2, which describes none by operation, "Error codes for the Amazon EC2 API").
 */
const COMMON_ERRORS = ['ThrottlingException', 'InternalFailure', 'ServiceUnavailable', 'AccessDeniedException'];
const MORE_ERRORS: Partial<Readonly<Record<Service, readonly string[]>>> = {
  ec2: ['RequestLimitExceeded', 'InternalError', 'InvalidInstanceID.NotFound'],
};

/** @returns what is wrong, in words; none where the model allows it */
export function problemsOf(models: ServiceModels, { service, operation, input, answer }: Exchange): string[] {
  const model = models[service];
  const described = model.operations[operation];
  if (!described) return [`${operation}: ${service} has no such operation`];
  const request = new Check(model, 'request');
  request.whole(described.input?.shape, input, `${operation} request`);
  const response = new Check(model, 'answer');
  if (answer !== undefined && !(answer instanceof Error))
    response.whole(described.output?.shape, answer, `${operation} answer`);
  const errors = answer instanceof Error ? errorProblems(models, service, operation, answer) : [];
  return [...request.problems, ...response.problems, ...errors];
}

function errorProblems(models: ServiceModels, service: Service, operation: string, { name }: Error): string[] {
  const known = (models[service].operations[operation]?.errors ?? []).map(({ shape }) => shape);
  const isKnown = [...known, ...COMMON_ERRORS, ...(MORE_ERRORS[service] ?? [])].includes(name);
  return isKnown ? [] : [`${operation}: has no error ${name}`];
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  long: Number.isInteger,
  double: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => value instanceof Date,
  // The SDK takes text as well, and sends it as UTF-8.
  blob: (value) => value instanceof Uint8Array || typeof value === 'string',
  structure: isObject,
  map: isObject,
  list: Array.isArray,
};

const patterns = new Map<string, RegExp>();

/** The services compare the whole text with a pattern. */
function patternOf(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(`^(?:${pattern})$`, 'u');
  patterns.set(pattern, known);
  return known;
}

const written = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);

function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return [...value].length;
  return Array.isArray(value) ? value.length : 0;
}

class Check {
  readonly problems: string[] = [];
  readonly #model: ServiceModel;
  readonly #what: 'request' | 'answer';

  constructor(model: ServiceModel, what: 'request' | 'answer') {
    this.#model = model;
    this.#what = what;
  }

  whole(shape: string | undefined, value: unknown, path: string): void {
    if (shape !== undefined) this.#shape(shape, value, path);
    else if (value !== undefined && Object.keys(value as object).length > 0)
      this.problems.push(`${path}: the model has none`);
  }

  #shape(name: string, value: unknown, path: string): void {
    const shape = this.#model.shapes[name];
    if (!shape) throw new Error(`the model has no shape ${name}`);
    const isType = TYPES[shape.type];
    if (!isType) throw new Error(`the type ${shape.type} of ${name} is not known here`);
    if (!isType(value)) {
      this.problems.push(`${path}: ${written(value)} is no ${shape.type}`);
      return;
    }
    this.#size(shape, sizeOf(value), path);
    if (typeof value === 'string') this.#text(shape, value, path);
    if (shape.type === 'list')
      for (const [index, it] of (value as unknown[]).entries())
        this.#shape(shape.member?.shape ?? '', it, `${path}[${index}]`);
    if (shape.type === 'map') this.#map(shape, value as object, path);
    if (shape.type === 'structure') this.#structure(shape, value as object, path);
  }

  /** An answer may hold an empty list of a type of which a request needs one element, such as `InvalidParameters`. */
  #size({ type, min = 0, max = Number.POSITIVE_INFINITY }: Shape, size: number, path: string): void {
    const isBounded = ['string', 'list', 'integer', 'long', 'double'].includes(type);
    const isEmptyAnswer = type === 'list' && size === 0 && this.#what === 'answer';
    if (isBounded && !isEmptyAnswer && (size < min || size > max))
      this.problems.push(`${path}: ${size} is not from ${min} to ${max}`);
  }

  #text({ pattern, enum: values }: Shape, value: string, path: string): void {
    if (pattern !== undefined && !patternOf(pattern).test(value))
      this.problems.push(`${path}: ${written(value)} does not match ${pattern}`);
    if (values && !values.includes(value))
      this.problems.push(`${path}: ${written(value)} is none of ${values.join(', ')}`);
  }

  #map({ key, value: of }: Shape, value: object, path: string): void {
    for (const [name, it] of Object.entries(value)) {
      this.#shape(key?.shape ?? '', name, `${path} key`);
      this.#shape(of?.shape ?? '', it, `${path}.${name}`);
    }
  }

  #structure({ required = [], members = {} }: Shape, value: object, path: string): void {
    const given = new Map(Object.entries(value).filter(([, it]) => it !== undefined));
    for (const name of required) if (!given.has(name)) this.problems.push(`${path}: ${name} is missing`);
    for (const [name, it] of given) {
      const member = members[name];
      if (member) this.#shape(member.shape, it, `${path}.${name}`);
      else this.problems.push(`${path}: there is no ${name}`);
    }
  }
}
