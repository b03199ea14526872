import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
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
})
