import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import type { RegistryCredentials } from '../../oci/credentials.ts'
import { parseReference } from '../../oci/reference.ts'
import { type RegistryAccess, RegistryDouble } from '../testing/registry.ts'
import { manifestType } from './answer.ts'
import { RegistryClient } from './client.ts'
import type { RegistrySettings } from './settings/settings.ts'
import type { Answer } from './wire/transport.ts'

const MANIFEST = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
}

let registry: RegistryDouble
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(access?: RegistryAccess): Promise<RegistryDouble> {
  registry = await RegistryDouble.start(access)
  closing.push(() => registry.close())
  return registry
}

function client(credentials?: RegistryCredentials): RegistryClient {
  return new RegistryClient({ credentials: async () => credentials })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof Failure ? error.code : String(error)
}

test('tags are listed over all pages, and asked for at nobody else', async () => {
  const pages: Readonly<Record<string, readonly [tags: readonly string[] | null, link?: string]>> = {
    '/v2/team/app/tags/list': [
      ['a', 'b'],
      '<https://elsewhere.example/v2/x/tags/list?last=b&n=2>; rel="next"',
    ],
    '/v2/team/app/tags/list?last=b&n=2': [['c'], '</v2/team/app/tags/list?last=c&n=2>; rel="next"'],
    '/v2/team/app/tags/list?last=c&n=2': [null, '</v2/team/app/tags/list?last=c&n=2>; rel="next"'],
  }
  const server = createServer(({ url = '' }, response) => {
    const [tags, link] = pages[url] ?? []
    if (tags === undefined) response.writeHead(404).end()
    else response.writeHead(200, link === undefined ? {} : { link }).end(JSON.stringify({ tags }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise(resolve => server.close(resolve)))
  const domain = `127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await client().tags(parseReference(`${domain}/team/app`))).toEqual(['a', 'b', 'c'])
  expect(await codeOf(client().tags(parseReference(`${domain}/team/none`)))).toBe('REGISTRY_NOT_FOUND')
})

test('a tag is resolved by asking for the head of its manifest alone', async () => {
  const { domain } = await start()
  const digest = registry.addManifest('team/app', 'v1', MANIFEST)
  expect(await client().resolve(parseReference(`${domain}/team/app:v1`))).toBe(digest)
  expect(registry.requests).toEqual(['HEAD /v2/team/app/manifests/v1'])
})

test('a manifest comes with its digest and type', async () => {
  const { domain } = await start()
  const digest = registry.addManifest('app', 'latest', MANIFEST)
  const manifest = await client().manifest(parseReference(`${domain}/app`))
  expect(manifest).toMatchObject({ digest, mediaType: MANIFEST.mediaType })
  expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toEqual(MANIFEST)
})

test('a manifest of null has the type of its header', async () => {
  const bytes = Buffer.from('null')
  const answer = { status: 200, headers: { 'content-type': 'application/json' } } as unknown as Answer
  expect(manifestType(answer, bytes)).toBe('application/json')
})

test('bytes of another digest are refused', async () => {
  const { domain } = await start()
  const blob = registry.addBlob('right')
  registry.falsify(blob.digest, 'wrong')
  const reference = parseReference(`${domain}/app:1`)
  expect(await codeOf(client().blob(reference, blob, 100))).toBe('REGISTRY_ANSWER')
})

test('bytes of another size than their descriptor says are refused', async () => {
  const { domain } = await start()
  const blob = registry.addBlob('right')
  const reference = parseReference(`${domain}/app:1`)
  for (const size of [blob.size - 1, blob.size + 1])
    expect(await codeOf(client().blob(reference, { ...blob, size }, 100))).toBe('REGISTRY_ANSWER')
  const digest = registry.addManifest('app', '1', MANIFEST)
  const { length } = JSON.stringify(MANIFEST)
  expect(await client().manifest(reference, length)).toMatchObject({ digest })
  expect(await codeOf(client().manifest(reference, length + 1))).toBe('REGISTRY_ANSWER')
})

test('more bytes than wanted are refused, whether they are announced or not', async () => {
  const { domain } = await start()
  const blob = registry.addBlob('x'.repeat(100))
  const reference = parseReference(`${domain}/app:1`)
  expect(await codeOf(client().blob(reference, blob, 50))).toBe('REGISTRY_ANSWER')
  expect(await codeOf(client().blob(reference, { ...blob, size: 1 }, 50))).toBe('REGISTRY_ANSWER')
})

test('a missing name or tag is told apart from a registry that does not answer', async () => {
  const { domain } = await start()
  expect(await codeOf(client().resolve(parseReference(`${domain}/app:none`)))).toBe('REGISTRY_NOT_FOUND')
  await registry.close()
  expect(await codeOf(client().resolve(parseReference(`${domain}/app:none`)))).toBe('REGISTRY_UNREACHABLE')
})

test('a port that no host has is told with the registry', async () => {
  const asking = client().resolve(parseReference('127.0.0.1:99999/x'))
  await expect(asking).rejects.toMatchObject({
    code: 'REGISTRY_NAME',
    message: expect.stringContaining('99999'),
  })
})

describe('access', () => {
  const login = { username: 'user', password: 'pass:word' }

  test('a token for nobody in particular is asked for once, and kept', async () => {
    const { domain } = await start({ scheme: 'token' })
    const digest = registry.addManifest('app', 'v1', MANIFEST)
    const asking = client()
    expect(await asking.resolve(parseReference(`${domain}/app:v1`))).toBe(digest)
    expect(await asking.resolve(parseReference(`${domain}/app:v1`))).toBe(digest)
    expect(registry.requests.filter(line => line === 'GET /token')).toHaveLength(1)
  })

  test.each([
    ['name and password get a token', { scheme: 'token', login }, login],
    ['name and password are sent themselves', { scheme: 'basic', login }, login],
    ['an identity token is exchanged', { scheme: 'token', identitytoken: 'id' }, { identitytoken: 'id' }],
  ] satisfies [string, RegistryAccess, RegistryCredentials][])('%s', async (_what, access, credentials) => {
    const { domain } = await start(access)
    const digest = registry.addManifest('app', 'v1', MANIFEST)
    expect(await client(credentials).resolve(parseReference(`${domain}/app:v1`))).toBe(digest)
  })

  test.each([
    ['token', undefined],
    ['basic', undefined],
    ['token', { username: 'user', password: 'wrong' }],
    ['basic', { username: 'user', password: 'wrong' }],
  ] as const)('%s is refused to %j', async (scheme, credentials) => {
    const { domain } = await start({ scheme, login })
    registry.addManifest('app', 'v1', MANIFEST)
    expect(await codeOf(client(credentials).resolve(parseReference(`${domain}/app:v1`)))).toBe(
      'REGISTRY_UNAUTHORIZED',
    )
  })

  test('a password is not sent in the clear to where a registry points', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const challenge = 'Bearer realm="http://tokens.example.com/token",service="x"'
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise(resolve => server.close(resolve)))
    const domain = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const error = await client(login)
      .resolve(parseReference(`${domain}/app:v1`))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
    expect(asked).toHaveLength(1)
  })
})

test('an end ends connections that are only being made, too', async () => {
  const silent = createTcpServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  closing.push(async () => silent.close())
  const accepted = once(silent, 'connection')
  const ending = new AbortController()
  const { port } = silent.address() as AddressInfo
  const asking = new RegistryClient({ credentials: async () => undefined, signal: ending.signal })
  const answer = codeOf(asking.resolve(parseReference(`127.0.0.1:${port}/app:v1`)))
  const [socket] = (await accepted) as [Socket]
  const closed = once(socket.resume(), 'close')
  ending.abort()
  await closed
  expect(await answer).toContain('AbortError')
})

test('what a mirror does not have is not there, also when the registry itself cannot be asked', async () => {
  const { domain } = await start()
  const settings: RegistrySettings = {
    daemon: { mirrors: [], isInsecure: () => false },
    rules: [
      {
        prefix: 'docker.io',
        location: '127.0.0.1:9',
        insecure: true,
        blocked: false,
        mirrors: [{ location: domain, insecure: true, pulls: 'all' }],
      },
    ],
    certificatesOf: async () => undefined,
    env: {},
  }
  const asking = new RegistryClient({ credentials: async () => undefined, settings })
  expect(await codeOf(asking.manifest(parseReference('debian:bookworm')))).toBe('REGISTRY_NOT_FOUND')
})

test('as many connections as there are questions, and nobody is warned of a leak', async () => {
  const { domain } = await start()
  for (let at = 0; at < 20; at += 1) registry.addManifest('app', `v${at}`, MANIFEST)
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  closing.push(async () => process.off('warning', onWarning))
  const { signal } = new AbortController()
  const asking = new RegistryClient({ credentials: async () => undefined, signal })
  const names = Array.from({ length: 20 }, (_, at) => parseReference(`${domain}/app:v${at}`))
  await Promise.all(names.map(name => asking.resolve(name)))
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})
