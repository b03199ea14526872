import { readdirSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

requires(root).describe('requests that clients are known to send', () => {
  let sandbox: Sandbox
  let id: string

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    const docker = new Docker({ socketPath: sandbox.socket })
    await sandbox.hold()
    const container = await docker.createContainer({
      name: 'web',
      Image: 'busybox',
      Cmd: [
        'sh',
        '-c',
        'head -c 20000000 /dev/zero > /big; echo made; while :; do echo tick; sleep 0.1; done',
      ],
      Labels: { 'traefik.enable': 'true' },
    })
    id = container.id
    await container.start()
    const log = await container.logs({ follow: true, stdout: true, stderr: true })
    for await (const chunk of log) if (String(chunk).includes('made')) break
  })
  afterAll(async () => {
    // Waits until the engine has ended: it does not while it works for somebody.
    await sandbox.close('ended')
  })

  const send = (method: string, path: string): ClientRequest =>
    request({ socketPath: sandbox.socket, method, path, agent: false })
  const answer = (sent: ClientRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      sent.once('response', resolve).once('error', reject).end()
    })
  const get = async (
    path: string,
  ): Promise<{ readonly status: number | undefined; readonly body: string }> => {
    const response = await answer(send('GET', path))
    const body = Buffer.concat(await response.toArray()).toString()
    return { status: response.statusCode, body }
  }
  const filters = (value: object): string => encodeURIComponent(JSON.stringify(value))

  // Who hears the refusal while it still sends says that its own pipe is broken, too.
  test('a short archive that is refused is read to its end first', async () => {
    const order: string[] = []
    const sent = send('PUT', `/containers/${id}/archive?path=/nosuch`)
    sent.once('response', () => order.push('answered')).write(Buffer.alloc(512))
    for (let times = 0; times < 100; times += 1) await get('/_ping')
    order.push('sent')
    expect((await answer(sent)).statusCode).toBe(404)
    expect(order).toEqual(['sent', 'answered'])
  })

  // What it asks when its provider starts, and for each container; then it listens.
  test('those of Traefik', async () => {
    showLogOnFailure(sandbox)
    const ping = await answer(send('HEAD', '/_ping'))
    expect(ping.statusCode).toBe(200)
    const version = ping.headers['api-version']
    expect(JSON.parse((await get(`/v${version}/version`)).body)).toHaveProperty('ApiVersion', version)
    const list = JSON.parse((await get(`/v${version}/containers/json?limit=0`)).body)
    expect(list).toMatchObject([{ Id: id, Labels: { 'traefik.enable': 'true' } }])
    const inspected = JSON.parse((await get(`/v${version}/containers/${id}/json`)).body)
    expect(inspected.NetworkSettings.Networks.bridge.IPAddress).toMatch(/^\d/)
    expect(inspected.HostConfig.NetworkMode).toBe('bridge')
    expect((await get(`/v${version}/services`)).status).toBe(503)
    const events = await answer(
      send('GET', `/v${version}/events?filters=${filters({ type: { container: true } })}`),
    )
    expect(events.statusCode).toBe(200)
    events.destroy()
  })

  // Its snapshot of an environment, and what its pages ask.
  test('those of Portainer', async () => {
    showLogOnFailure(sandbox)
    for (const path of [
      '/_ping',
      '/info',
      '/version',
      '/containers/json?all=1',
      '/containers/json?all=1&size=1',
      '/images/json?all=0',
      `/volumes?filters=${filters({ dangling: ['true'] })}`,
      '/networks',
      '/system/df',
      '/plugins',
      `/containers/${id}/json`,
      `/containers/${id}/stats?stream=false`,
      `/containers/${id}/top`,
      `/containers/${id}/logs?stdout=1&stderr=1&tail=100&timestamps=1`,
      `/events?since=0&until=1`,
    ])
      expect([path, (await get(`/v1.41${path}`)).status]).toEqual([path, 200])
    const info = JSON.parse((await get('/info')).body)
    expect(info.Swarm).toMatchObject({ LocalNodeState: 'inactive', ControlAvailable: false })
    for (const path of ['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'])
      expect([path, (await get(path)).status]).toEqual([path, 503])
  })

  /** What comes on a connection, until what is expected has come. */
  async function talk(text: string, then: string, until: RegExp, head = ''): Promise<string> {
    const connection = connect(sandbox.socket)
    let heard = ''
    connection.setEncoding('latin1').on('data', (chunk: string) => {
      heard += chunk
    })
    connection.write(text)
    if (head !== '') await expect.poll(() => heard, { timeout: 20_000 }).toContain(head)
    connection.write(then)
    await expect.poll(() => heard, { timeout: 20_000 }).toMatch(until)
    connection.destroy()
    return heard
  }
  const execOf = async (body: object): Promise<string> => {
    const given = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    const sent = request({
      socketPath: sandbox.socket,
      path: `/containers/${id}/exec`,
      agent: false,
      ...given,
    })
    sent.write(JSON.stringify(body))
    return JSON.parse(Buffer.concat(await (await answer(sent)).toArray()).toString()).Id
  }
  const start = (exec: string, body: string, more = ''): string =>
    `POST /exec/${exec}/start HTTP/1.1\r\nHost: x\r\n${more}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`

  test('what comes behind the start of an exec is its stdin, whether an upgrade was asked for or not', async () => {
    showLogOnFailure(sandbox)
    const cat = { Cmd: ['cat'], AttachStdin: true, AttachStdout: true }
    const later = await talk(
      start(await execOf(cat), '{}'),
      'GET / HTTP/1.1\n',
      /GET \/ HTTP\/1\.1\n$/,
      '\r\n\r\n',
    )
    expect(later).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n\u0001\0\0\0\0\0\0\u000fGET/s)
    // In one piece with the request, too.
    expect(await talk(`${start(await execOf(cat), '{}')}typed\n`, '', /typed\n$/)).toContain('200 OK')
    const attach = `POST /containers/${id}/attach?stdout=1&stream=1 HTTP/1.1\r\nHost: x\r\n\r\n`
    expect(await talk(attach, 'never a request', /tick/)).not.toContain('400')
    expect(await talk(start('nosuch', '{}'), '', /No such exec/)).toContain('404')
  })

  test('the output of an exec comes behind the head, however late a client reads', async () => {
    showLogOnFailure(sandbox)
    const exec = await execOf({ Cmd: ['echo', 'heard'], AttachStdout: true })
    const connection = connect({
      path: sandbox.socket,
      onread: { buffer: Buffer.alloc(65_536), callback: take },
    })
    const chunks: string[] = []
    function take(count: number, buffer: Uint8Array): boolean {
      chunks.push(Buffer.from(buffer.subarray(0, count)).toString('latin1'))
      return true
    }
    connection.pause().write(start(exec, '{}', 'Connection: Upgrade\r\nUpgrade: tcp\r\n'))
    const state = async (): Promise<object> => JSON.parse((await get(`/exec/${exec}/json`)).body)
    await expect.poll(state, { timeout: 20_000 }).toMatchObject({ Running: false, ExitCode: 0 })
    connection.resume()
    await new Promise(resolve => connection.once('close', resolve).end())
    expect(chunks[0]).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\n$/s)
    expect(chunks.slice(1).join('')).toContain('heard')
  })

  test('a body says the same whatever the case of its names', async () => {
    showLogOnFailure(sandbox)
    const create = async (path: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
      const headers = { 'Content-Type': 'application/json' }
      const sent = request({ socketPath: sandbox.socket, path, method: 'POST', headers, agent: false })
      sent.write(JSON.stringify(body))
      const { Id, Warnings } = JSON.parse(Buffer.concat(await (await answer(sent)).toArray()).toString())
      expect(Warnings).toEqual([])
      const { Config, HostConfig, Mounts } = JSON.parse((await get(`/containers/${Id}/json`)).body)
      await answer(send('DELETE', `/containers/${Id}`))
      return { Config: { ...Config, Hostname: '' }, HostConfig, Mounts }
    }
    const host = { Memory: 20_000_000, SecurityOpt: ['no-new-privileges'], CapDrop: ['ALL'] }
    const config = { Image: 'busybox', Cmd: ['echo'], Env: ['A=1'], Labels: { Image: 'b', image: 'a' } }
    const own = { HostPort: '18080' }
    const exact = { ...config, HostConfig: { ...host, PortBindings: { '80/tcp': [own] } } }
    const lower = (value: object): object =>
      Object.fromEntries(Object.entries(value).map(([key, entry]) => [key.toLowerCase(), entry]))
    const hostconfig = { ...lower(host), portbindings: { '80/tcp': [lower(own)] } }
    for (const version of ['1.51', '1.39']) {
      const path = `/v${version}/containers/create`
      const made = await create(path, exact)
      expect(made['HostConfig']).toMatchObject(exact.HostConfig)
      expect(await create(path, { ...lower(config), hostconfig })).toEqual(made)
    }
  })

  test('the keys that an exec was made with detach from it', async () => {
    showLogOnFailure(sandbox)
    const exec = await execOf({
      Cmd: ['cat'],
      AttachStdin: true,
      AttachStdout: true,
      Tty: true,
      DetachKeys: 'x,y',
    })
    const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n'
    const connection = connect(sandbox.socket)
    connection.write(start(exec, '{"Tty":true}', upgrade))
    await new Promise(resolve => connection.once('data', resolve))
    connection.resume().write('axy')
    await new Promise(resolve => connection.once('end', resolve))
    connection.destroy()
    expect(JSON.parse((await get(`/exec/${exec}/json`)).body)).toMatchObject({ DetachKeys: 'x,y' })
  })

  test.each([
    ['an archive', 'GET', () => `/containers/${id}/archive?path=/big`],
    ['an export', 'GET', () => `/containers/${id}/export`],
    ['a saved image', 'GET', () => '/images/busybox/get'],
    ['a log', 'GET', () => `/containers/${id}/logs?follow=1&stdout=1`],
    ['statistics', 'GET', () => `/containers/${id}/stats`],
    ['events', 'GET', () => '/events?since=1'],
    ['an attach', 'POST', () => `/containers/${id}/attach?stream=1&stdout=1`],
  ])('a client that leaves in the middle of %s leaves no descriptor', async (_, method, path) => {
    showLogOnFailure(sandbox)
    const descriptors = (): number => readdirSync(`/proc/${sandbox.enginePid()}/fd`).length
    await breakOff(method, path())
    await expect.poll(() => isAtRest(descriptors), { timeout: 20_000 }).toBe(true)
    const before = descriptors()
    await Promise.all(Array.from({ length: 10 }, () => breakOff(method, path())))
    await expect.poll(descriptors, { timeout: 20_000 }).toBeLessThanOrEqual(before)
  })

  /** Whether the number has come to rest: what a first call loads stays. */
  async function isAtRest(count: () => number): Promise<boolean> {
    const first = count()
    await get('/_ping')
    await get('/_ping')
    return count() === first
  }

  /** Asks, and goes with the first bytes. */
  async function breakOff(method: string, path: string): Promise<void> {
    const response = await answer(send(method, path))
    expect(response.statusCode).toBe(200)
    await new Promise(resolve => response.once('data', resolve))
    response.destroy()
  }
})
