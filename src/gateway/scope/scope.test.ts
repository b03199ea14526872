// What a scoped socket gives, route by route: who has it may be a program that has been taken over.
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES, type Route, type RouteName } from '../../api/routes.ts'
import { BANK, SHOP, type Things, type TwoProjects, twoProjects } from '../testing/two-projects.ts'
import type { Scope } from './scope.ts'
import { createScopedServer } from './server.ts'

let engine: TwoProjects
const servers: Server[] = []
beforeAll(async () => {
  engine = await twoProjects()
})
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections()
  engine.close()
})

const SHOP_ONLY: Scope = { projects: ['shop'], readOnly: true, showEnv: false }

/** The address of a socket with this scope. */
async function at(scope: Partial<Scope> = {}): Promise<string> {
  const server = createScopedServer({ ...SHOP_ONLY, ...scope }, engine.dial).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function get(url: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(url)
  return { status: answer.status, body: await answer.text() }
}

/** What is looked for last by who does not know of what kind a thing is: there is none. */
const NOWHERE = 'pluginInspect'
/** Routes that are given, and those that are unless the scope is read-only. Whoever adds a route decides here, or it is refused. */
const LOOKS = [
  'ping pingHead version info events containerList containerInspect containerLogs containerStats statsOfAll containerWait',
  'networkList networkInspect volumeList volumeInspect imageList imageInspect',
]
const CHANGES = 'containerStart containerStop containerRestart containerKill containerPause containerUnpause'

/** A route of the table, with things of a project in its path. */
function pathOf({ path }: Route, project: string, { id, network }: Things): string {
  const thing = path.startsWith('/networks') ? network : path.startsWith('/images') ? project : id
  return path
    .replace(':name+', thing)
    .replace(':name', `${project}_data`)
    .replace(/:id\+?/, thing)
}

describe.each([
  ['read-only', true],
  ['that may start and stop', false],
])('a scope %s', (_, readOnly) => {
  const given = [...LOOKS, NOWHERE, ...(readOnly ? [] : [CHANGES])].join(' ').split(' ')

  test.each(Object.keys(ROUTES) as RouteName[])('%s', async name => {
    const route: Route = ROUTES[name]
    const isGiven = given.includes(name)
    const url = await at({ readOnly })
    const stopped = new AbortController()
    const call = (project: string, thing: Things): Promise<Response> =>
      fetch(`${url}/v1.44${pathOf(route, project, thing)}`, { method: route.method, signal: stopped.signal })
    engine.calls.length = 0
    const own = await call('shop', SHOP)
    expect([name, own.status]).toEqual([name, name === NOWHERE ? 404 : isGiven ? 200 : 403])
    // What is refused has not so much as been looked up.
    if (!isGiven) expect(engine.calls).toEqual([])
    if (!isGiven || !route.path.includes(':')) return stopped.abort()
    // With another project's thing it is not there, and the engine was asked to do nothing to it.
    engine.calls.length = 0
    expect((await call('bank', BANK)).status).toBe(404)
    expect(engine.calls.filter(each => !each.startsWith('GET '))).toEqual([])
    expect(engine.calls.filter(each => each.includes(BANK.id) || each.includes(BANK.network))).toEqual([])
  })
})

describe('what is another project’s', () => {
  test.each([
    ['/containers/bank-web-1/json', '/containers/nothing-web-1/json'],
    [`/containers/${BANK.id}/json`, `/containers/${'9'.repeat(64)}/json`],
    [`/containers/${BANK.id.slice(0, 12)}/logs?stdout=1`, '/containers/999999999999/logs?stdout=1'],
    ['/networks/bank_default', '/networks/no_default'],
    ['/volumes/bank_data', '/volumes/no_data'],
    ['/volumes/bank_anonymous', '/volumes/no_anonymous'],
    ['/images/bank/json', '/images/nothing/json'],
    ['/plugins/bank/json', '/plugins/nothing/json'],
    [
      '/containers/json?filters={"since":["bank-web-1"]}',
      '/containers/json?filters={"since":["nothing-web-1"]}',
    ],
  ])('%s answers as what is nowhere', async (theirs, nowhere) => {
    const url = await at()
    const [a, b] = [await get(`${url}${theirs}`), await get(`${url}${nowhere}`)]
    expect(a.status).toBe(404)
    const strip = (body: string): string => body.replaceAll(/bank|nothing|no(?=_)|[ab9]{8,}/g, 'X')
    expect(strip(a.body)).toBe(strip(b.body))
  })

  test('is in no list, nor in an inspect of what both use', async () => {
    const url = await at()
    for (const path of [
      '/containers/json?all=1',
      '/networks',
      '/volumes',
      '/images/json',
      `/networks/${SHOP.network}`,
      '/images/shop/json',
      '/tscompose/containers/stats',
      '/info',
    ]) {
      const { status, body } = await get(`${url}${path}`)
      expect([path, status, /bank|b{8}|d{8}|f{8}|secret/.test(body)]).toEqual([path, 200, false])
    }
    expect(JSON.parse((await get(`${url}/info`)).body)).toMatchObject({
      Containers: 1,
      ContainersRunning: 1,
      Images: 1,
    })
    expect(JSON.parse((await get(`${url}/images/json`)).body)).toEqual([
      {
        Id: SHOP.image,
        Containers: 1,
        RepoTags: ['shop:latest'],
        RepoDigests: ['shop@sha256:1'],
        Manifests: [{ ImageData: { Containers: [SHOP.id] } }],
      },
    ])
    // Begun by the same digits: an id of ours is not ambiguous because of one that nobody here knows.
    expect((await get(`${url}/containers/aaaa/json`)).status).toBe(200)
  })

  test('is shown beside its own by a scope of both, or of all', async () => {
    for (const projects of [['shop', 'bank'], []])
      expect(JSON.parse((await get(`${await at({ projects })}/containers/json`)).body)).toHaveLength(2)
    const url = await at({ projects: ['shop', 'bank'] })
    expect(JSON.parse((await get(`${url}/containers/json?limit=1`)).body)).toHaveLength(1)
  })

  test('is in no events', async () => {
    const answer = await fetch(`${await at()}/events`)
    const lines = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    const labels = (project: string): object => ({ 'com.docker.compose.project': project })
    const event = (Type: string, Action: string, ID: string, Attributes: object): object => ({
      Type,
      Action,
      Actor: { ID, Attributes },
    })
    engine.say(event('container', 'start', BANK.id, labels('bank')))
    engine.say(event('network', 'connect', BANK.network, { container: BANK.id }))
    engine.say(event('volume', 'create', 'bank_data', {}))
    engine.say(event('image', 'pull', 'bank', {}))
    engine.say(event('container', 'exec_create: mysql -psecret', SHOP.id, labels('shop')))
    engine.say(event('network', 'connect', SHOP.network, { container: SHOP.id }))
    engine.say(event('volume', 'mount', 'shop_data', { container: SHOP.id }))
    engine.say(event('network', 'destroy', SHOP.network, {}))
    let got = ''
    while (!got.includes('destroy')) got += (await lines.read()).value ?? ''
    const actions = got
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { Action: string }).Action)
    expect(actions).toEqual(['exec_create', 'connect', 'mount', 'destroy'])
    await lines.cancel()
  })
})

describe('what may be a password', () => {
  const PATHS = [
    `/containers/${SHOP.id}/json`,
    '/containers/json',
    '/volumes',
    '/volumes/shop_data',
    '/images/shop/json',
    '/info',
  ]

  test.each(PATHS)('is not in %s, and is where it was asked for', async path => {
    expect((await get(`${await at()}${path}`)).body).not.toContain('secret')
    expect((await get(`${await at({ showEnv: true })}${path}`)).body).toContain('secret')
  })

  test('has no name by which another project calls a container', async () => {
    const [row] = JSON.parse((await get(`${await at()}/containers/json`)).body)
    expect(row.Names).toEqual(['/shop-web-1'])
  })

  test('leaves the names of variables, and labels and health, which others come for', async () => {
    const { Config, State, Path, Args } = JSON.parse((await get(`${await at()}${PATHS[0]}`)).body)
    expect(Config.Env).toEqual(['PASSWORD=[redacted]', 'EMPTY=[redacted]'])
    expect(Config.Labels).toHaveProperty('traefik.enable')
    expect(State).toMatchObject({ Status: 'running', Health: { Status: 'healthy', FailingStreak: 0 } })
    expect([Path, Args, Config.Cmd, Config.Healthcheck.Test]).toEqual([
      ...['[redacted]', [], ['[redacted]'], ['CMD-SHELL', '[redacted]']],
    ])
  })
})

describe('details of a log, which have values of variables', () => {
  const path = `/containers/${SHOP.id}/logs?stdout=1&details=1`

  test.each([
    [false, [`GET /containers/${SHOP.id}/logs?stdout=1`]],
    [true, [`GET ${path}`]],
  ])('are asked for where variables are shown: %s', async (showEnv, asked) => {
    const url = await at({ showEnv })
    engine.calls.length = 0
    expect((await get(`${url}${path}`)).status).toBe(200)
    expect(engine.calls.filter(each => each.includes('/logs'))).toEqual(asked)
  })
})

describe('a request with more in it than it seems', () => {
  /** A request as it is written. */
  async function raw(request: string): Promise<string> {
    const { port, hostname } = new URL(await at())
    const socket = connect(Number(port), hostname)
    socket.write(request)
    return text(socket)
  }

  test.each([
    ['GET /containers/shop-web-1/../../exec/x/json HTTP/1.1', '404'],
    [`GET /containers/${SHOP.id}%2Fexport HTTP/1.1`, '403'],
    [`GET /containers/${SHOP.id}/json%3Fx HTTP/1.1`, '404'],
    [`GET /v1.44/v1.44/containers/json HTTP/1.1`, '404'],
    ['GET /images/..%2Fcontainers%2Fbank-web-1/json HTTP/1.1', '404'],
    ['POST /containers/create HTTP/1.1', '403'],
    ['DELETE /containers/shop-web-1 HTTP/1.1', '403'],
    ['OPTIONS /containers/json HTTP/1.1', '404'],
  ])('%s', async (line, status) => {
    engine.calls.length = 0
    const answer = await raw(`${line}\r\nHost: docker\r\nConnection: close\r\n\r\n`)
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`)
    // A name may have been looked up.
    for (const call of engine.calls) expect(call).not.toMatch(/^(?:POST|DELETE)|export|exec|create/)
  })

  test('an upgrade is answered as what it is: a call that is refused', async () => {
    const upgrade = `POST /containers/${SHOP.id}/attach HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`
    expect(await raw(upgrade)).toMatch(/^HTTP\/1.1 403/)
  })

  test('a start with a body is refused as the engine refuses it', async () => {
    const url = await at({ readOnly: false })
    const start = async (body: string): Promise<number> =>
      (await fetch(`${url}/containers/shop-web-1/start`, { method: 'POST', body })).status
    engine.calls.length = 0
    expect(await start('{"Binds":["/:/host"]}')).toBe(400)
    expect(engine.calls).toEqual([])
    expect(await start('{}')).toBe(200)
  })

  test('a refusal arrives whole while a body is being sent', async () => {
    const { port, hostname } = new URL(await at())
    const piece = Buffer.alloc(64 * 1024)
    const post = async (ending: string): Promise<string> => {
      const socket = connect(Number(port), hostname)
      const answer = text(socket)
      socket.write(
        `POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: ${16 * piece.length}\r\n${ending}\r\n`,
      )
      for (let sent = 0; sent < 16; sent += 1) {
        await new Promise<void>((resolve, reject) =>
          socket.write(piece, error => (error ? reject(error) : resolve())),
        )
        // Time for whoever would close it to close it.
        await new Promise(resolve => setImmediate(resolve))
      }
      return answer
    }
    for (const ending of ['', 'Connection: close\r\n'])
      for (let count = 0; count < 50; count += 1)
        expect(await post(ending)).toMatch(/^HTTP\/1.1 403[\s\S]*SCOPE_REFUSED[\s\S]*\}\n$/)
  })

  test('two lengths, or one and chunks, are no request', async () => {
    const both =
      'POST /containers/x/start HTTP/1.1\r\nHost: docker\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    expect(await raw(both)).toMatch(/^HTTP\/1.1 400/)
  })
})
