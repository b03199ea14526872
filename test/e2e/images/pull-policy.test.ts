import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '/bin/busybox'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const gate = requires(root, ...dockerRegistry)

/** When `up` asks the registry, by the policy of the file and of the command line. */
gate.describe('a pull policy', () => {
  let registry: DockerRegistry
  let sandbox: Sandbox

  beforeAll(async () => {
    registry = await startRegistry()
    const files = layerOf({ name: 'bin/busybox', mode: 0o755, content: readFileSync(BUSYBOX) })
    const config = { Cmd: ['/bin/busybox', 'sleep', '1000'] }
    await publish(registry.domain, 'team/app', 'v1', [files], { config })
    sandbox = makeSandbox()
    write('missing')
    await sandbox.ok('up', '-d')
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })
  beforeEach(() => showLogOnFailure(sandbox))

  function write(policy: string, tag = 'v1'): void {
    const service = `{image: "${registry.domain}/team/app:${tag}", pull_policy: ${policy}, init: true}`
    sandbox.write('compose.yaml', `services: {app: ${service}}\n`)
  }

  /** How often `up` asks what the tag stands for. */
  async function asked(...args: string[]): Promise<number> {
    const manifests = (): number =>
      registry.requests().filter(line => line.includes('/v2/team/app/manifests/v1')).length
    const before = manifests()
    await sandbox.ok('up', '-d', ...args)
    return manifests() - before
  }

  /** As if the image had been pulled that long ago. */
  function age(milliseconds: number): void {
    const folder = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'images', 'facts')
    for (const name of readdirSync(folder)) {
      const facts = JSON.parse(readFileSync(join(folder, name), 'utf8')) as object
      const lastTagTime = new Date(Date.now() - milliseconds).toISOString()
      writeFileSync(join(folder, name), JSON.stringify({ ...facts, lastTagTime }))
    }
  }

  for (const policy of ['missing', 'if_not_present', 'never', 'build'])
    gate.test(`${policy} asks for nothing that is here`, {}, async () => {
      write(policy)
      age(100 * DAY)
      expect(await asked()).toBe(0)
    })

  gate.test('always asks each time', {}, async () => {
    write('always')
    expect([await asked(), await asked()]).toEqual([1, 1])
  })

  for (const policy of ['never', 'build'])
    gate.test(`${policy} does not fetch what is missing`, {}, async () => {
      write(policy, 'v2')
      const { status, stderr } = await sandbox.run('up', '-d')
      expect(stderr).toContain('IMAGE_NOT_FOUND')
      expect(status).not.toBe(0)
    })

  for (const [policy, young, old] of [
    ['daily', 23 * HOUR, 25 * HOUR],
    ['weekly', 6 * DAY, 8 * DAY],
    ['every_90m', 80 * MINUTE, 100 * MINUTE],
    ['every_1w2d', 8 * DAY, 10 * DAY],
  ] as const)
    gate.test(`${policy} asks once its time is over, and begins anew though nothing is`, {}, async () => {
      write(policy)
      age(young)
      expect(await asked()).toBe(0)
      age(old)
      expect([await asked(), await asked()]).toEqual([1, 0])
    })

  gate.test('of the command line wins', {}, async () => {
    write('always')
    expect([await asked('--pull', 'never'), await asked('--pull', 'missing')]).toEqual([0, 0])
    write('never')
    expect(await asked('--pull', 'always')).toBe(1)
  })

  gate.test('build builds each time', {}, async () => {
    sandbox.write('app/Dockerfile', `FROM ${registry.domain}/team/app:v1\nLABEL a=b\n`)
    sandbox.write('compose.yaml', 'services: {app: {build: ./app, pull_policy: build, init: true}}\n')
    for (let time = 0; time < 2; time += 1) expect((await sandbox.ok('up', '-d')).stderr).toMatch(/Built/)
  })
})
