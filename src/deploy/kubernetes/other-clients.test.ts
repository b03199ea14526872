// The API server of the tests as others see it: kubectl, and the official client. What it says to these is not made to our measure.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import { present, program, requires } from '../../../test/requires.ts'
import { type Started, startServer } from './api-server.test-support.ts'
import { writtenAs } from './converted.test-support.ts'

const OFFICIAL = resolve('node_modules/.tools/client-node-1.4/node_modules/@kubernetes/client-node')

let cluster: Started
beforeAll(async () => {
  cluster = await startServer()
})
afterAll(() => cluster.end())

/** Manifests of LAMP, in one file. */
function manifests(): string {
  const path = join(cluster.folder, 'lamp.yaml')
  writeFileSync(path, [...writtenAs('lamp.yaml', 'manifests').values()].join('---\n'))
  return path
}

requires(program('kubectl')).test('kubectl applies, compares, lists and removes', {
  timeout: 60_000,
}, async () => {
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder }
    const run = promisify(execFile)('kubectl', args, { env, encoding: 'utf8' })
    return (await run).stdout
  }
  const path = manifests()
  await kubectl('apply', '--server-side', '--validate=false', '-f', path)
  const dry = await kubectl('apply', '--server-side', '--dry-run=server', '--validate=false', '-f', path)
  expect(dry).toContain('serverside-applied (server dry run)')
  expect(await kubectl('diff', '--server-side', '-f', path)).toBe('')
  const [{ name, project }] = cluster.server.store
    .list('deployments', undefined)
    .map(each => each['metadata'] as { name: string; namespace: string })
    .map(each => ({ name: each.name, project: each.namespace })) as [{ name: string; project: string }]
  expect(await kubectl('get', 'deployments', '-n', project, '-o', 'name')).toContain(
    `deployment.apps/${name}`,
  )
  const entries = JSON.parse(
    await kubectl('get', 'deployment', name, '-n', project, '-o', 'json', '--show-managed-fields'),
  ) as { metadata: { managedFields: { manager: string; operation: string }[] } }
  expect(entries.metadata.managedFields).toMatchObject([{ manager: 'kubectl', operation: 'Apply' }])
  await kubectl('scale', 'deployment', name, '-n', project, '--replicas=3')
  expect(await kubectl('get', 'deployment', name, '-n', project, '-o', 'jsonpath={.spec.replicas}')).toBe('3')
  const differing = kubectl('diff', '--server-side', '--force-conflicts', '-f', path)
  await expect(differing).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^- {2}replicas: 3$/m),
  })
  const conflict = await kubectl('apply', '--server-side', '--validate=false', '-f', path).catch(
    (error: { stderr: string }) => error.stderr,
  )
  expect(conflict).toContain('.spec.replicas')
  await kubectl('apply', '--server-side', '--force-conflicts', '--validate=false', '-f', path)
  await kubectl('delete', 'namespace', project, '--wait=false')
  expect(cluster.server.store.list('deployments', undefined)).toEqual([])
})

/** What of the official client is used here. */
interface Official {
  readonly KubeConfig: new () => {
    loadFromFile(path: string): void
    makeApiClient<T>(api: new (...args: never) => T): T
  }
  readonly CoreV1Api: new (...args: never) => CoreApi
  readonly KubernetesObjectApi: { makeApiClient(config: object): ObjectApi }
  readonly Watch: new (
    config: object,
  ) => {
    watch(
      path: string,
      query: object,
      onEvent: (type: string, object: { metadata: { name: string } }) => void,
      done: (error: unknown) => void,
    ): Promise<AbortController>
  }
}

interface CoreApi {
  listNamespacedConfigMap(
    request: object,
  ): Promise<{ items: { metadata: { name: string } }[]; metadata: { _continue?: string } }>
  readNamespacedConfigMap(request: object): Promise<{ data: Record<string, string> }>
}

interface ObjectApi {
  create(object: object): Promise<unknown>
  delete(object: object): Promise<unknown>
  patch(
    object: object,
    pretty: undefined,
    dryRun: string | undefined,
    fieldManager: string,
    force: boolean | undefined,
    strategy: string,
  ): Promise<{ metadata: { managedFields: { manager: string }[] } }>
}

requires(
  present('@kubernetes/client-node 1.4', OFFICIAL),
).test('the official client applies, watches, is refused, and lists by pages', {
  timeout: 60_000,
}, async () => {
  const { KubeConfig, CoreV1Api, KubernetesObjectApi, Watch } = (await import(
    pathToFileURL(join(OFFICIAL, 'dist/index.js')).href
  )) as Official
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  const [objects, core] = [KubernetesObjectApi.makeApiClient(config), config.makeApiClient(CoreV1Api)]
  await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'official' } })
  const configMap = (name: string, value: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'official' },
    data: { key: value },
  })
  const apply = (object: object, manager: string, force?: boolean): ReturnType<ObjectApi['patch']> =>
    objects.patch(object, undefined, undefined, manager, force, 'application/apply-patch+yaml')
  const seen: string[] = []
  const heard = new EventTarget()
  const watching = await new Watch(config).watch(
    '/api/v1/namespaces/official/configmaps',
    {},
    (type, { metadata }) => {
      seen.push(`${type} ${metadata.name}`)
      heard.dispatchEvent(new Event('event'))
    },
    () => undefined,
  )
  const first = once(heard, 'event')
  await apply(configMap('a', 'x'), 'one')
  await first
  expect(seen).toEqual(['ADDED a'])
  watching.abort()
  await expect(apply(configMap('a', 'y'), 'two')).rejects.toMatchObject({ code: 409 })
  const { metadata } = await apply(configMap('a', 'y'), 'two', true)
  expect(metadata.managedFields.map(({ manager }) => manager)).toEqual(['two'])
  await apply(configMap('b', 'x'), 'one')
  const page = await core.listNamespacedConfigMap({ namespace: 'official', limit: 1 })
  const rest = await core.listNamespacedConfigMap({
    namespace: 'official',
    limit: 1,
    _continue: page.metadata._continue,
  })
  expect([...page.items, ...rest.items].map(each => each.metadata.name)).toEqual(['a', 'b'])
  await objects.delete(configMap('a', ''))
  await expect(core.readNamespacedConfigMap({ name: 'a', namespace: 'official' })).rejects.toMatchObject({
    code: 404,
  })
})
