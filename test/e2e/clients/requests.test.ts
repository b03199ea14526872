import { readdirSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { holdEngine } from '../harness/hold-engine.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

requires(root).describe('requests that clients are known to send', () => {
  let sandbox: Sandbox
  let release: () => void
  let id: string

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    const docker = new Docker({ socketPath: sandbox.socket })
    release = await holdEngine(sandbox.socket)
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
    release()
    // Waits until the engine has ended: it does not while it works for somebody.
    await sandbox.close()
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
