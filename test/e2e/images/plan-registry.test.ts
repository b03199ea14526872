import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { ChaosProxy } from '../harness/registry/chaos-proxy.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const gate = requires(root, ...dockerRegistry)

gate.describe('a plan of pulls', () => {
  let open: DockerRegistry
  let closed: DockerRegistry
  let stalling: ChaosProxy
  let silent: Server
  let sandbox: Sandbox
  let images: Readonly<Record<string, string>>

  beforeAll(async () => {
    open = await startRegistry()
    closed = await startRegistry({ access: 'basic' })
    await publish(open.domain, 'team/app', 'v1', [layerOf({ name: 'file', content: 'x' })])
    // Never within the time of a test.
    stalling = await ChaosProxy.start(open.domain, () => ({ delay: 2 ** 31 - 1 }))
    silent = createServer()
    const port = await freePort()
    await new Promise<void>(resolve => silent.listen(port, '127.0.0.1', resolve))
    images = {
      fine: `${open.domain}/team/app:v1`,
      none: `${open.domain}/team/app:v2`,
      secret: `${closed.domain}/team/app:v1`,
      away: `127.0.0.1:${await freePort()}/team/app:v1`,
      stalled: `${stalling.domain}/team/app:v1`,
      silent: `127.0.0.1:${port}/team/app:v1`,
    }
    sandbox = makeSandbox()
    const services = Object.entries(images).map(([name, image]) => `  ${name}: {image: "${image}"}\n`)
    sandbox.write('compose.yaml', `services:\n${services.join('')}`)
  })
  afterAll(async () => {
    await sandbox.close()
    silent.close()
    await stalling.close()
    await Promise.all([open.stop(), closed.stop()])
  })

  async function told(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await sandbox.run('plan', '--json', ...args)
    const { operations } = JSON.parse(stdout) as { operations: { type: string; [field: string]: unknown }[] }
    const names = new Map(Object.entries(images).map(([name, image]) => [image, name]))
    return Object.fromEntries(
      operations
        .filter(({ type }) => type === 'pullImage')
        .map(({ reference, registryAnswer }) => [names.get(String(reference)), registryAnswer ?? null]),
    )
  }

  gate.test('tells what cannot be had, and waits for no registry that is silent', {}, async () => {
    // A plan waits for two seconds, of which a busy machine may need more for itself.
    const whole = { timeout: 60_000 }
    await expect
      .poll(() => told(), whole)
      .toEqual({
        fine: null,
        none: 'not found',
        secret: 'access denied',
        away: 'unreachable',
        stalled: 'no answer',
        silent: 'no answer',
      })
    const missing = async (): Promise<unknown> => {
      const { status, stderr } = await sandbox.run('plan', '--exit-code', 'none', 'secret', 'away', 'stalled')
      const lines = stderr.matchAll(
        /^error IMAGE_NOT_FOUND \S*compose\.yaml:\d+:\d+ services\.(\w+)\.image/gm,
      )
      return [status, ...[...lines].map(([, name]) => name).sort()]
    }
    await expect.poll(missing, whole).toEqual([1, 'away', 'none', 'secret'])
    expect((await sandbox.run('plan', '--exit-code', 'fine', 'stalled')).status).toBe(2)
  })

  gate.test('doctor says of each registry of the files what it says, and for whom', {}, async () => {
    mkdirSync(join(sandbox.env['HOME'] ?? '', '.docker'), { recursive: true })
    const config = join(sandbox.env['HOME'] ?? '', '.docker', 'config.json')
    const auth = Buffer.from(`${LOGIN.username}:wrong`).toString('base64')
    writeFileSync(config, JSON.stringify({ auths: { [closed.domain]: { auth } } }))
    const found = async (): Promise<unknown> => {
      const { stdout } = await sandbox.run('doctor', '--format', 'json')
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((line): Record<string, string> => JSON.parse(line))
        .filter(({ Area }) => Area === 'Registries')
      return Object.fromEntries(rows.map(({ Name, Status, Found }) => [Name, `${Status} ${Found}`]))
    }
    // It waits for five seconds, of which a busy machine may need more for itself.
    await expect.poll(found, { timeout: 60_000 }).toMatchObject({
      [open.domain]: 'warning does not have team/app:v2, asked without credentials',
      [closed.domain]: `warning denies access to team/app:v1, asked as ${LOGIN.username}`,
      [(images['away'] ?? '').split('/')[0] ?? '']: expect.stringMatching(
        /^warning is not reached: .*credentials$/,
      ),
      [stalling.domain]: expect.stringMatching(/^warning is not reached: /),
    })
    rmSync(config)
  })

  gate.test('asks by HEAD alone, and a dry run does so, too', {}, async () => {
    const before = open.requests().length
    await eventually('both are told', async () => {
      const { status, stdout } = await sandbox.run('up', '--dry-run', 'none', 'fine')
      const isMissing = stdout.includes(`${images['none']}  image is missing, cannot be had: not found`)
      return status === 1 && isMissing && stdout.includes(`${images['fine']}  image is missing  (pull)`)
    })
    const asked = open.requests().slice(before)
    expect(new Set(asked.filter(line => line.includes('/manifests/')))).toEqual(
      new Set(['HEAD /v2/team/app/manifests/v1', 'HEAD /v2/team/app/manifests/v2']),
    )
    expect(asked.filter(line => line.includes('/blobs/'))).toEqual([])
  })

  gate.test('asks as docker login has left it', {}, async () => {
    const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
    const folder = join(sandbox.env['HOME'] ?? '', '.docker')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [closed.domain]: { auth } } }))
    await expect.poll(() => told('secret'), { timeout: 60_000 }).toEqual({ secret: 'not found' })
  })

  gate.test('asks nobody who is not to be asked', {}, async () => {
    const before = open.requests().length
    expect(await told('--no-ask-registries')).toMatchObject({ none: null, away: null, stalled: null })
    const settings = join(sandbox.env['HOME'] ?? '', '.config', 'tscompose')
    mkdirSync(settings, { recursive: true })
    writeFileSync(join(settings, 'env'), 'TSCOMPOSE_ASK_REGISTRIES=false\n')
    expect(await told()).toMatchObject({ none: null, away: null, stalled: null })
    const { stdout } = await sandbox.ok('up', '--dry-run', 'none')
    expect(stdout).not.toContain('cannot be had')
    expect(open.requests()).toHaveLength(before)
  })
})
