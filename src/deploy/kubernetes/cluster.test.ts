// How API servers are found and spoken with: over HTTPS, against one of the tests' own.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configOf, type Started, startServer } from './api-server.test-support.ts'
import { type AccessOptions, accessOf } from './cluster/access.ts'
import { ClusterClient } from './cluster/client.ts'
import { Connection } from './cluster/connection.ts'
import { Refusal } from './cluster/failure.ts'
import type { ClusterObject, ObjectRef } from './cluster/object.ts'
import { type WatchEvent, watch } from './cluster/watch.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-kubeconfig-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes a file of the tests' folder, and gives its path. */
function file(name: string, content: string | object, mode = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  chmodSync(path, mode)
  return path
}

const access = (options: Partial<AccessOptions>): ReturnType<typeof accessOf> =>
  accessOf({ env: {}, cwd: folder, ...options })

const config = (name: string, server: string, more: object = {}): object => ({
  contexts: [{ name, context: { cluster: name, user: name, namespace: `in-${name}` } }],
  clusters: [{ name, cluster: { server } }],
  users: [{ name, user: { token: `of-${name}` } }],
  ...more,
})

describe('kubeconfig', () => {
  test('of several files each says what none before it has said', async () => {
    const [one, two] = [
      file('one', config('a', 'https://one')),
      file('two', { ...config('a', 'https://two'), 'current-context': 'b', ...config('b', 'https://b') }),
    ]
    const env = { KUBECONFIG: `${one}:${join(folder, 'none')}:${two}` }
    expect(access({ env }).server.href).toBe('https://b/')
    expect(access({ env, context: 'a' }).server.href).toBe('https://one/')
    expect(access({ env, context: 'a' }).namespace).toBe('in-a')
    expect((await access({ env, context: 'a' }).credentials.current()).headers).toEqual({
      authorization: 'Bearer of-a',
    })
  })

  test('is that of the home folder where nothing is said, and one that is named before all', () => {
    const named = file('named', { ...config('n', 'https://n'), 'current-context': 'n' })
    expect(access({ kubeconfig: 'named', env: { KUBECONFIG: 'none' } }).server.href).toBe('https://n/')
    expect(named).toContain(folder)
    expect(() => access({ env: { HOME: folder } })).toThrow(
      expect.objectContaining({ code: 'KUBERNETES_CONFIG' }),
    )
  })

  test.each([
    ['no mapping', '[]'],
    ['a context that is not there', { 'current-context': 'x' }],
    [
      'a cluster that is not there',
      { 'current-context': 'a', contexts: [{ name: 'a', context: { cluster: 'x' } }] },
    ],
    ['an address that is none', { ...config('a', 'nonsense'), 'current-context': 'a' }],
    [
      'a certificate without a key',
      {
        ...config('a', 'https://a', { users: [{ name: 'a', user: { 'client-certificate-data': 'eA==' } }] }),
        'current-context': 'a',
      },
    ],
    [
      'a provider of former times',
      {
        ...config('a', 'https://a', { users: [{ name: 'a', user: { 'auth-provider': { name: 'gcp' } } }] }),
        'current-context': 'a',
      },
    ],
    [
      'both an authority and no check',
      {
        ...config('a', 'https://a', {
          clusters: [
            {
              name: 'a',
              cluster: {
                server: 'https://a',
                'certificate-authority-data': 'eA==',
                'insecure-skip-tls-verify': true,
              },
            },
          ],
        }),
        'current-context': 'a',
      },
    ],
    [
      'a file that is not there',
      {
        ...config('a', 'https://a', {
          clusters: [{ name: 'a', cluster: { server: 'https://a', 'certificate-authority': 'none.pem' } }],
        }),
        'current-context': 'a',
      },
    ],
  ])('refuses %s', (_, content) => {
    file('wrong', content)
    expect(() => access({ kubeconfig: 'wrong' })).toThrow(
      expect.objectContaining({ code: 'KUBERNETES_CONFIG' }),
    )
  })

  test('has users with passwords, and users that stand for others', async () => {
    const user = { username: 'me', password: 'x', as: 'other', 'as-groups': ['a', 'b'] }
    file('basic', { ...config('a', 'https://a', { users: [{ name: 'a', user }] }), 'current-context': 'a' })
    const { headers } = await access({ kubeconfig: 'basic' }).credentials.current()
    expect(headers).toEqual({
      authorization: `Basic ${Buffer.from('me:x').toString('base64')}`,
      'impersonate-user': 'other',
      'impersonate-group': 'a,b',
    })
  })

  test('says the name that is looked for in a certificate, and the proxy', () => {
    const cluster = {
      server: 'https://a/base',
      'tls-server-name': 'api',
      'proxy-url': 'http://proxy:3128',
      'insecure-skip-tls-verify': true,
    }
    file('tls', { ...config('a', '', { clusters: [{ name: 'a', cluster }] }), 'current-context': 'a' })
    const { proxy, tls } = access({ kubeconfig: 'tls' })
    expect(tls).toEqual({ servername: 'api', rejectUnauthorized: false })
    expect(proxy?.href).toBe('http://proxy:3128/')
  })

  test('is not needed in a pod', async () => {
    for (const [name, text] of [
      ['ca.crt', 'ca'],
      ['token', 't1\n'],
      ['namespace', 'here\n'],
    ] as const)
      file(name, text)
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
    const found = access({ env, serviceAccount: folder })
    expect([found.server.href, found.namespace, found.tls]).toEqual([
      'https://[fd00::1]:6443/',
      'here',
      { ca: 'ca' },
    ])
    expect((await found.credentials.current()).headers).toEqual({ authorization: 'Bearer t1' })
    file('token', 't2\n')
    expect(await found.credentials.renew()).toBe(true)
    expect((await found.credentials.current()).headers).toEqual({ authorization: 'Bearer t2' })
  })
})

let cluster: Started
let opened: Connection[] = []
const tokens = new Set(['good'])
beforeEach(async () => {
  cluster = await startServer({ tokens })
  opened = []
})
afterEach(async () => {
  for (const connection of opened) await connection.close()
  await cluster.end()
})

/** A client that does not wait between its tries; `pauses` has what it would have waited. */
function client(options: Partial<AccessOptions> = {}, pauses: number[] = []): ClusterClient {
  const found = access({ env: {}, kubeconfig: cluster.kubeconfig, ...options })
  const connection = new Connection(found, { pause: async milliseconds => void pauses.push(milliseconds) })
  opened.push(connection)
  return new ClusterClient(connection)
}

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap' }
const configMap = (name: string, value = 'x'): ObjectRef =>
  ({ ...CONFIG, metadata: { name, namespace: 'n', labels: { app: 'a' } }, data: { key: value } }) as ObjectRef
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }
const names = (objects: readonly ClusterObject[]): string[] => objects.map(({ metadata }) => metadata.name)

describe('users', () => {
  const USER = { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' }

  test('get other credentials of a plugin when the server takes the former no longer', async () => {
    const runs = join(folder, 'runs')
    file('runs', '')
    const script = `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >>${runs}\nif [ "$(wc -l <${runs})" = 1 ]; then t=stale; else t=good; fi\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$t'"}}'\n`
    file('plugin', script, 0o700)
    const exec = { ...USER, command: './plugin', provideClusterInfo: true }
    const path = file('exec', configOf(cluster.server.address, cluster.pem, { exec }))
    const asking = client({ kubeconfig: path })
    await asking.apply(NAMESPACE)
    await asking.apply(configMap('a'))
    const told = readFileSync(runs, 'utf8').trim().split('\n')
    expect(told).toHaveLength(2)
    expect(JSON.parse(told[0] ?? '')).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: cluster.server.address } },
    })
  })

  test('are told why a plugin gives nothing', async () => {
    const path = file(
      'failing',
      configOf(cluster.server.address, cluster.pem, {
        exec: { ...USER, command: 'false', installHint: 'install it' },
      }),
    )
    await expect(client({ kubeconfig: path }).list(CONFIG)).rejects.toMatchObject({
      code: 'KUBERNETES_LOGIN',
    })
  })

  test('who are not known are refused, and no server without its certificate is spoken with', async () => {
    const path = file('stranger', configOf(cluster.server.address, cluster.pem, { token: 'bad' }))
    await expect(client({ kubeconfig: path }).list(CONFIG)).rejects.toMatchObject({
      code: 'KUBERNETES_LOGIN',
    })
    const other = JSON.parse(configOf(cluster.server.address, cluster.pem)) as {
      clusters: [{ cluster: object }]
    }
    other.clusters[0].cluster = { server: cluster.server.address }
    const unknown = client({ kubeconfig: file('unknown', other) })
    await expect(unknown.list(CONFIG)).rejects.toMatchObject({ code: 'KUBERNETES_UNREACHABLE' })
  })
})

describe('a server', () => {
  test('that says all at once is asked twice what it has, and one of former times once for each group', async () => {
    await client().list(CONFIG)
    await client().list({ apiVersion: 'apps/v1', kind: 'Deployment' })
    expect(
      cluster.server.requests
        .filter(each => /GET \/apis?(\/|$)/.test(each))
        .map(each => each.replace(/\?.*/, '')),
    ).toEqual(['GET /api', 'GET /api/v1/configmaps', 'GET /apis', 'GET /apis/apps/v1/deployments'])
    await cluster.end()
    cluster = await startServer({ tokens, isAggregated: false })
    const old = client()
    expect(await old.knows({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(true)
    expect(await old.knows({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' })).toBe(false)
    expect(cluster.server.requests).toEqual([
      'GET /apis',
      'GET /apis/apps/v1',
      'GET /apis/gateway.networking.k8s.io/v1',
    ])
  })

  test('is asked for lists page by page, and from the start where it has forgotten the first', async () => {
    cluster.server.pageLimit = 2
    const asking = client()
    await asking.apply(NAMESPACE)
    for (const name of ['a', 'b', 'c', 'd', 'e']) await asking.apply(configMap(name))
    expect(names((await asking.list(CONFIG, { namespace: 'n', selector: 'app=a' })).items)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ])
    const before = cluster.server.requests.length
    cluster.server.inject = ({ query }) =>
      query.has('continue') ? { status: 410, message: 'too old' } : undefined
    expect(names((await asking.list(CONFIG, { namespace: 'n' })).items)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(cluster.server.requests.slice(before).filter(each => each.includes('limit='))).toHaveLength(2)
  })

  test('that is too busy is asked again as late as it says, and one that is just made anew', async () => {
    const answers = [{ status: 429, headers: { 'retry-after': '7' } }, { status: 503 }, 'cut' as const]
    cluster.server.inject = () => answers.shift()
    const pauses: number[] = []
    await client({}, pauses).apply(NAMESPACE)
    expect(pauses[0]).toBe(7000)
    expect(pauses).toHaveLength(3)
  })

  test('that stays too busy is given up', async () => {
    const asking = client()
    await asking.list(CONFIG)
    cluster.server.inject = () => ({ status: 429 })
    const before = cluster.server.requests.length
    await expect(asking.list(CONFIG)).rejects.toBeInstanceOf(Refusal)
    expect(cluster.server.requests.length - before).toBe(6)
  })

  test('says who has a field that is applied otherwise, and gives it to who insists', async () => {
    const asking = client()
    await asking.apply(NAMESPACE)
    await asking.apply(configMap('a', 'x'))
    cluster.server.patch('configmaps', 'n', 'a', { data: { key: 'y' } }, 'editor')
    const refused = await asking.apply(configMap('a', 'x')).catch((error: unknown) => error as Refusal)
    expect(refused).toMatchObject({ conflicts: [{ field: '.data.key', manager: 'editor' }] })
    await asking.apply(configMap('a', 'x'), { force: true })
    const { object } = await asking.apply(configMap('a', 'x'))
    expect(object.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['tscompose'])
  })

  test('removes the very object that is meant, or none', async () => {
    const asking = client()
    await asking.apply(NAMESPACE)
    const { object } = await asking.apply(configMap('a'))
    await expect(
      asking.remove({ ...object, metadata: { ...object.metadata, uid: 'other' } }),
    ).rejects.toBeInstanceOf(Refusal)
    expect(await asking.remove(object)).toBe(true)
    expect(await asking.remove(object)).toBe(false)
  })

  test('has no kind that nobody has installed', async () => {
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'r', namespace: 'n' },
    }
    await expect(client().get(route)).rejects.toMatchObject({ code: 'KUBERNETES_KIND' })
  })
})

describe('a watch', () => {
  /** Events as short texts. */
  async function* told(asking: ClusterClient, signal: AbortSignal): AsyncGenerator<string> {
    for await (const event of watch(asking, CONFIG, { namespace: 'n' }, signal)) yield textOf(event)
  }

  function textOf(event: WatchEvent): string {
    return event.type === 'all'
      ? `all ${names(event.objects).join()}`
      : `${event.type} ${event.object.metadata.name}`
  }

  test('goes on where it was cut, misses nothing, and begins anew where the server has forgotten', async () => {
    const asking = client()
    await asking.apply(NAMESPACE)
    await asking.apply(configMap('a'))
    const end = new AbortController()
    const events = told(asking, end.signal)
    const next = async (): Promise<unknown> => (await events.next()).value
    expect(await next()).toBe('all a')
    const [b] = [next(), await asking.apply(configMap('b'))]
    expect(await b).toBe('changed b')
    const gone = next()
    cluster.server.cut()
    await asking.remove(configMap('a'))
    expect(await gone).toBe('gone a')
    const again = next()
    // Whoever comes back after this has missed what nobody remembers.
    cluster.server.inject = ({ query }) => {
      if (query.has('watch')) cluster.server.store.compact()
      return undefined
    }
    await asking.apply(configMap('c'))
    expect(await again).toBe('changed c')
    const last = next()
    cluster.server.store.set('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'n' },
    })
    cluster.server.cut()
    expect(await last).toBe('all b,c')
    end.abort()
    await events.next()
  })
})

describe('logs', () => {
  const pod: ObjectRef = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' } }

  test('are lines with moments, from a moment on, or the last ones', async () => {
    cluster.server.store.set('pods', pod as never)
    cluster.server.logs.write('p/c', '2026-01-01T00:00:01Z one', '2026-01-01T00:00:02Z zwei ü')
    const read = async (options: object): Promise<string[]> => {
      const lines: string[] = []
      for await (const line of client().log(pod, { container: 'c', ...options })) lines.push(line)
      return lines
    }
    expect(await read({})).toEqual(['2026-01-01T00:00:01Z one', '2026-01-01T00:00:02Z zwei ü'])
    expect(await read({ tail: 1 })).toEqual(['2026-01-01T00:00:02Z zwei ü'])
    expect(await read({ since: Date.parse('2026-01-01T00:00:02Z') / 1000 })).toHaveLength(1)
  })
})
