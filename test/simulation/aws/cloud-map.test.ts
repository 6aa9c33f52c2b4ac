import { describe, expect, it } from '@jest/globals';
import { SimulatedCloudMap } from './cloud-map.ts';
import { errorOf, manualWorld } from './manual-world.ts';

const instance = { ServiceId: 'srv-1', InstanceId: 'task' };
const Attributes = { AWS_INSTANCE_IPV4: '10.0.0.1' };

function setUp() {
  const world = manualWorld();
  const cloudMap = new SimulatedCloudMap(world.around, world.random, world.faults);
  for (const id of ['ns-1', 'ns-2', 'ns-3']) cloudMap.addNamespace(id, 'internal');
  cloudMap.addService({ id: 'srv-1', name: 'api', namespaceId: 'ns-1', tags: { owner: 'us' } });
  const get = (): unknown => cloudMap.handle('GetInstance', instance);
  const register = (): unknown => cloudMap.handle('RegisterInstance', { ...instance, Attributes });
  const deregister = (): unknown => cloudMap.handle('DeregisterInstance', instance);
  return { world, cloudMap, get, register, deregister };
}

describe('Cloud Map', () => {
  it('registers later, one operation at a time, and shows it later still', () => {
    const { world, cloudMap, get, register, deregister } = setUp();
    const { OperationId } = register() as { OperationId: string };
    expect(errorOf(register)).toBe('DuplicateRequest');
    expect(['DuplicateRequest', 'InstanceNotFound']).toContain(errorOf(deregister));
    expect(errorOf(get)).toBe('InstanceNotFound');
    world.pass(2000);
    expect(get()).toMatchObject({ Instance: { Id: 'task', Attributes } });
    expect(cloudMap.handle('GetOperation', { OperationId })).toMatchObject({ Operation: { Status: 'SUCCESS' } });
    deregister();
    world.pass(2000);
    expect(errorOf(get)).toBe('InstanceNotFound');
  });

  it('may take minutes for an operation, and may fail it', () => {
    const { world, cloudMap, get, register } = setUp();
    world.fault = { failedOperation: 100 };
    const { OperationId } = register() as { OperationId: string };
    world.pass(1000);
    expect(cloudMap.handle('GetOperation', { OperationId })).toMatchObject({ Operation: { Status: 'FAIL' } });
    world.fault = { slowOperation: 100 };
    register();
    world.pass(1000);
    expect(errorOf(get)).toBe('InstanceNotFound');
    world.pass(90_000);
    expect(errorOf(get)).toBe('none');
  });

  it('has namespaces of one name, in pages', () => {
    const { cloudMap } = setUp();
    const first = cloudMap.handle('ListNamespaces', {}) as { Namespaces: { Id: string }[]; NextToken?: string };
    const second = cloudMap.handle('ListNamespaces', { NextToken: first.NextToken }) as typeof first;
    expect([...first.Namespaces, ...second.Namespaces].map(({ Id }) => Id)).toEqual(['ns-1', 'ns-2', 'ns-3']);
    expect(second.NextToken).toBeUndefined();
  });

  it('loses tags, services and namespaces as people like', () => {
    const { world, cloudMap, register } = setUp();
    const ResourceARN = 'arn:aws:servicediscovery:::service/srv-1';
    cloudMap.setTags('srv-1', {});
    expect(cloudMap.handle('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [] });
    register();
    cloudMap.removeService('srv-1');
    world.pass(2000);
    expect(errorOf(register)).toBe('ServiceNotFound');
    expect(errorOf(() => cloudMap.handle('ListTagsForResource', { ResourceARN }))).toBe('ResourceNotFoundException');
    cloudMap.removeNamespace('ns-1');
    expect(JSON.stringify(cloudMap.handle('ListNamespaces', {}))).not.toContain('ns-1');
  });

  it("limits its rates to what AWS's own controller allows itself", () => {
    const { cloudMap } = setUp();
    const list = (): unknown => cloudMap.handle('ListNamespaces', {});
    for (let call = 0; call < 5; call++) list();
    expect(errorOf(list)).toBe('ThrottlingException');
  });
});
