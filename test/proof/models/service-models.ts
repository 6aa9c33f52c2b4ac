/**
 * AWS's own descriptions of its APIs, as botocore carries them: what a request and an answer may hold. They come from the
 * virtual environment of MiniStack, whose pinned packages include botocore.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ministackPython } from '../../../infra/local/ministack/virtual-environment.ts';

/** A type of the service model; lengths are characters of a string, elements of a list, or bounds of a number. */
export interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

interface Operation {
  readonly input?: { readonly shape: string };
  readonly output?: { readonly shape: string };
  readonly errors?: readonly { readonly shape: string }[];
}

export interface ServiceModel {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** By botocore's names, which are also the prefixes of IAM's actions. */
const SERVICES = ['ecs', 'ec2', 'ssm', 'servicediscovery', 'sns', 'sqs', 'lambda', 'sts'] as const;

export type Service = (typeof SERVICES)[number];
export type ServiceModels = Readonly<Record<Service, ServiceModel>>;

/** Reads the models; on a machine without them it installs MiniStack first, which takes half a minute. */
export async function loadServiceModels(): Promise<ServiceModels> {
  const models = await Promise.all(
    SERVICES.map(async (service) => [service, await loadServiceModel(service)] as const),
  );
  return Object.fromEntries(models) as ServiceModels;
}

/** @param service botocore's name of it, which is also the AWS CLI's */
async function loadServiceModel(service: string): Promise<ServiceModel> {
  const libraries = join(dirname(await ministackPython()), '../lib');
  const [python = ''] = await readdir(libraries);
  const folder = join(libraries, python, 'site-packages/botocore/data', service);
  const newest = (await readdir(folder)).sort().at(-1) ?? '';
  return JSON.parse(gunzipSync(await readFile(join(folder, newest, 'service-2.json.gz'))).toString('utf8'));
}
