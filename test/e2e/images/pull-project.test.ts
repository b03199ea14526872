import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { Docker, jsonLines } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '/bin/busybox'

const gate = requires(root, ...dockerRegistry)

gate.describe('a project whose images are in a registry', () => {
  let registry: DockerRegistry
  let sandbox: Sandbox

  beforeAll(async () => {
    registry = await startRegistry()
    const files = layerOf({ name: 'bin/busybox', mode: 0o755, content: readFileSync(BUSYBOX) })
    await publish(registry.domain, 'team/app', 'v1', [files], {
      config: { Cmd: ['/bin/busybox', 'sleep', '1000'] },
    })
    const noise = (name: string): Buffer => layerOf({ name, content: randomBytes(8 * 1024 * 1024) })
    const shared = noise('shared')
    for (const name of ['one', 'two']) await publish(registry.domain, name, 'v1', [shared, noise(name)])
    sandbox = makeSandbox()
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })

  gate.test('up fetches them and starts', {}, async () => {
    showLogOnFailure(sandbox)
    sandbox.write('compose.yaml', `services: {app: {image: "${registry.domain}/team/app:v1", init: true}}\n`)
    await sandbox.ok('up', '-d')
    const { stdout } = await sandbox.ok('exec', '-T', 'app', '/bin/busybox', 'echo', 'here')
    expect(stdout).toBe('here\n')
  })

  gate.test('images that are pulled at once share the layers they have in common', {}, async () => {
    const docker = new Docker({ socketPath: sandbox.socket })
    const pull = async (name: string): Promise<string[]> => {
      const lines: string[] = []
      for await (const line of jsonLines(await docker.pull(`${registry.domain}/${name}:v1`)))
        lines.push(JSON.stringify(line))
      return lines
    }
    const before = registry.requests().length
    const all = await Promise.all(['one', 'two', 'one', 'two'].map(pull))
    for (const lines of all) expect(lines.at(-1)).toContain('Status: Downloaded newer image for')
    const blobs = registry
      .requests()
      .slice(before)
      .filter(line => line.startsWith('GET') && line.includes('/blobs/'))
    // Two configs, and three layers of which one is in both images.
    expect(blobs).toHaveLength(5)
  })

  gate.test('pull fetches what the services name, and tells where an image cannot be had', {}, async () => {
    const image = (name: string): string => `{image: "${registry.domain}/${name}:v1"}`
    const services = `services:\n  one: ${image('one')}\n  none: ${image('none')}\n`
    sandbox.write('pull.yaml', services)
    const failed = await sandbox.run('-f', 'pull.yaml', 'pull')
    expect(failed.status).not.toBe(0)
    expect(failed.stderr).toContain('REGISTRY_NOT_FOUND')
    expect(failed.stderr).toContain('pull.yaml:3:')
    const tolerated = await sandbox.ok('-f', 'pull.yaml', 'pull', '--ignore-pull-failures')
    expect(tolerated.stderr).toContain('REGISTRY_NOT_FOUND')
    const quiet = await sandbox.ok('-f', 'pull.yaml', 'pull', '-q', 'one')
    expect(quiet.stderr).not.toContain('Already exists')
    const built = `services:\n  made: {image: "${registry.domain}/made:v1", build: .}\n`
    sandbox.write('built.yaml', built)
    const unmade = await sandbox.run('-f', 'built.yaml', 'pull')
    expect(unmade).toMatchObject({ status: 1 })
    expect(unmade.stderr).toMatch(/REGISTRY_NOT_FOUND .*built\.yaml:2:/)
    expect(unmade.stderr).toContain('tscompose build made')
    await sandbox.ok('-f', 'built.yaml', 'pull', '--ignore-buildable')
    const before = registry.requests().length
    await sandbox.ok('-f', 'pull.yaml', 'pull', '--policy', 'missing', 'one')
    expect(registry.requests()).toHaveLength(before)
  })
})
