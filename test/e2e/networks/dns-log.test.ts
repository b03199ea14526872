import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Running, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// What a service asks its resolver, told while somebody reads it.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: asked
services:
  web: {image: busybox, command: sleep infinity, init: true, dns: [127.0.0.99], networks: [front]}
  db: {image: busybox, command: sleep infinity, init: true, networks: [back]}
  two: {image: busybox, command: sleep infinity, init: true, networks: [back], scale: 2}
  sibling: {image: busybox, command: sleep infinity, init: true, network_mode: 'service:db'}
  bare: {image: busybox, command: sleep infinity, init: true, network_mode: host}
networks: {front: {}, back: {internal: true}}
`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

interface Line {
  readonly [field: string]: unknown
}

/** A log that is followed; `asks` has a service ask, again and again, until a line tells of it. */
function follow(...services: string[]): {
  readonly running: Running
  readonly lines: () => readonly Line[]
  readonly tells: (service: string, name: string, type?: string) => Promise<Line>
} {
  const running = sandbox.start('dns', '--log', '--json', ...services)
  const lines = (): Line[] =>
    running.output.stdout
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Line)
  const tells = async (service: string, name: string, type = 'a'): Promise<Line> => {
    let found: Line | undefined
    await eventually(`${name} is told`, async () => {
      await sandbox.run('exec', '-T', service, 'nslookup', `-type=${type}`, name, '127.0.0.11')
      found = lines().find(line => line['name'] === name && line['type'] === type.toUpperCase())
      return found !== undefined
    })
    return found ?? {}
  }
  return { running, lines, tells }
}

async function stop({ child, ended }: Running): Promise<void> {
  child.kill('SIGINT')
  await ended
}

describe('the log of questions', () => {
  test('tells who asked what, who knew it, and what came of it', async () => {
    const { running, tells, lines } = follow('web', 'db')
    expect(await tells('web', 'web')).toMatchObject({
      service: 'web',
      container: 'web-1',
      source: 'names',
      rcode: 'NOERROR',
      transport: 'udp',
      addresses: [expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/)],
      milliseconds: expect.any(Number),
      time: expect.stringMatching(/^20\d\d-.*\.\d{6}Z$/),
    })
    expect(await tells('web', 'web', 'aaaa')).toMatchObject({ rcode: 'NOERROR', addresses: [] })
    // A question for what nobody answers ends at once: at a loopback address nobody listens.
    expect(await tells('web', 'a.example')).toMatchObject({
      source: 'silent',
      server: '127.0.0.99',
      rcode: 'SERVFAIL',
    })
    expect(await tells('db', 'b.example')).toMatchObject({ source: 'internal', rcode: 'NXDOMAIN' })
    // Whoever is in the network of another asks that one's resolver.
    expect(await tells('sibling', 'two')).toMatchObject({ service: 'db', source: 'names' })
    expect(lines().filter(line => !['web', 'db'].includes(String(line['service'])))).toEqual([])
    await stop(running)
  })

  test('goes on over an engine that is killed, and over new containers', async () => {
    const { running, tells } = follow('two')
    await tells('two', 'one.example')
    await sandbox.killEngine()
    await tells('two', 'two.example')
    await sandbox.ok('up', '-d', '--force-recreate', 'two')
    expect(await tells('two', 'three.example')).toMatchObject({ service: 'two' })
    expect(running.child.exitCode).toBeNull()
    await stop(running)
  })

  test('has as many readers as want it, and costs nobody anything who goes away', async () => {
    const readers = [follow('web'), follow('web')]
    for (const { tells } of readers) await tells('web', 'many.example')
    for (const { running } of readers) await stop(running)
    expect((await sandbox.run('exec', '-T', 'web', 'nslookup', 'web')).status).toBe(0)
  })

  test.each([
    ['a service that is not there', ['--log', 'none'], 'NO_SUCH_SERVICE'],
    ['a container without resolver of ours', ['--log', 'bare'], 'DNS_LOG_NONE'],
    ['no word of what is wanted', ['web'], 'DNS_LOG_WANTED'],
  ])('is refused for %s', async (_, args, code) => {
    const { status, stderr } = await sandbox.run('dns', ...args)
    expect(stderr).toContain(code)
    expect(status).not.toBe(0)
  })

  test('is refused where nothing runs', async () => {
    await sandbox.ok('stop', '-t', '0', 'bare')
    expect((await sandbox.run('dns', '--log', 'bare')).stderr).toContain('SERVICE_NOT_RUNNING')
  })
})
