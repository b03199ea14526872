import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { Docker, jsonLines } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { ChaosProxy } from '../harness/registry/chaos-proxy.ts'
import { ConnectProxy } from '../harness/registry/connect-proxy.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, type Published, publish } from '../harness/registry/publish.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const gate = requires(root, ...dockerRegistry)
const closing: (() => unknown)[] = []

/** Pulls that end before they are through, seen from the registry. */
gate.describe('a pull that is broken off', () => {
  let registry: DockerRegistry
  let image: Published
  let proxy: ChaosProxy
  let sandbox: Sandbox
  /** The last layer stops in its middle. */
  let isStalling: boolean

  beforeAll(async () => {
    registry = await startRegistry()
    const layers = ['a', 'b', 'c'].map(name => layerOf({ name, content: randomBytes(2_000_000) }))
    image = await publish(registry.domain, 'team/app', 'v1', layers)
  })
  afterAll(() => registry.stop())
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function start(): Promise<void> {
    isStalling = true
    const last = image.layers.at(-1)?.digest ?? ''
    proxy = await ChaosProxy.start(registry.domain, ({ path }) =>
      isStalling && path.endsWith(last) ? { stallAfter: 1_000_000 } : undefined,
    )
    closing.push(() => proxy.close())
    sandbox = makeSandbox()
    closing.push(() => sandbox.close())
    sandbox.write('compose.yaml', `services: {app: {image: "${proxy.domain}/team/app:v1"}}\n`)
    showLogOnFailure(sandbox)
  }

  async function client(): Promise<Docker> {
    await sandbox.busybox()
    const docker = new Docker({ socketPath: sandbox.socket })
    closing.push(() => docker.modem.destroy())
    return docker
  }

  /** How often each layer was asked for. */
  const asked = (): number[] =>
    image.layers.map(({ digest }) => proxy.seen.filter(({ path }) => path.endsWith(digest)).length)

  /** Reads what a pull tells until both whole layers are in, and the last has begun. */
  async function untilStalled(docker: Docker, leave: () => void | Promise<void>): Promise<void> {
    const stream = await docker.pull(`${proxy.domain}/team/app:v1`)
    let complete = 0
    for await (const line of jsonLines(stream)) {
      if (JSON.stringify(line).includes('Pull complete')) complete += 1
      if (complete === 2 && asked()[2] === 1) break
    }
    expect(complete).toBe(2)
    await leave()
    stream.destroy()
  }

  gate.test('by a client that goes keeps its whole layers, and the next fetches the rest', {}, async () => {
    await start()
    await untilStalled(await client(), () => {
      isStalling = false
    })
    await sandbox.ok('pull')
    expect(asked()).toEqual([1, 1, 2])
  })

  gate.test('by Ctrl-C says so, and goes on the next time', {}, async () => {
    await start()
    const { child, output, ended } = sandbox.start('pull')
    const complete = (): number => output.stderr.split('Pull complete').length - 1
    await eventually('the last layer stalls', () => complete() === 2 && asked()[2] === 1)
    child.kill('SIGINT')
    const { status, stderr } = await ended
    expect(status).toBe(130)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^Interrupted: .*kept/)
    isStalling = false
    await sandbox.ok('pull')
    expect(asked()).toEqual([1, 1, 2])
  })

  gate.test('by the end of the engine does so, too', {}, async () => {
    await start()
    await untilStalled(await client(), () => sandbox.killEngine())
    isStalling = false
    await sandbox.ok('pull')
    expect(asked()).toEqual([1, 1, 2])
  })
})

gate.describe('a name that its registry was asked for and does not have', () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  gate.test('is not made from the archive, though it could be', {}, async () => {
    const { domain, certificate, stop } = await startRegistry({ tls: true })
    closing.push(stop)
    const hub = await ConnectProxy.start(domain)
    closing.push(() => hub.close())
    const env = { https_proxy: hub.address, SSL_CERT_FILE: certificate?.certificate ?? '' }
    const sandbox = makeSandbox({ env })
    closing.push(() => sandbox.close())
    showLogOnFailure(sandbox)
    sandbox.write('compose.yaml', 'services: {app: {image: "debian:bookworm"}}\n')
    const { status, stdout, stderr } = await sandbox.run('pull')
    expect(stdout + stderr).toContain('REGISTRY_NOT_FOUND')
    expect(stdout + stderr).not.toContain('archive')
    expect(status).not.toBe(0)
    expect(new Set(hub.asked)).toEqual(new Set(['registry-1.docker.io:443']))
  })
})
