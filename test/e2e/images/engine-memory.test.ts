import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

/** Megabytes that the engine may have had at any time: less than what goes through it. The benchmark has the figure that is promised. */
const MOST = 200
const LARGE = 250 * 1024 * 1024

let registry: DockerRegistry
let sandbox: Sandbox

const gate = requires(root, ...dockerRegistry)

gate.describe("the engine's memory", () => {
  beforeAll(async () => {
    registry = await startRegistry()
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
  })
  afterAll(async () => {
    await sandbox.close()
    await registry.stop()
  })

  gate.test('does not grow with what is pulled, saved and listed', {}, async () => {
    // Content that does not pack travels as it is.
    const noise = Buffer.alloc(LARGE, randomBytes(1024 * 1024))
    const small = Array.from({ length: 5_000 }, (_, at) => ({
      name: `f${at}`,
      content: `${at}\n`.repeat(500),
    }))
    const layers = [layerOf({ name: 'noise', content: noise }), layerOf(...small)]
    await publish(registry.domain, 'team/large', 'v1', layers, { pack: tar => tar })
    const image = `${registry.domain}/team/large:v1`
    sandbox.write('compose.yaml', JSON.stringify({ services: { web: { image } } }))
    for (const command of ['pull', 'ps', 'pull', 'images']) await sandbox.ok(command)
    for (let time = 0; time < 2; time += 1) expect(await saved(image)).toBeGreaterThan(LARGE)
    for (let time = 0; time < 1_000; time += 1) await read('/containers/json?all=1')
    expect(most()).toBeLessThan(MOST)
  })

  const saved = (image: string): Promise<number> => read(`/images/${encodeURIComponent(image)}/get`)

  function read(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      let length = 0
      request({ socketPath: sandbox.socket, path }, answer => {
        answer.on('data', bytes => (length += bytes.length)).on('end', () => resolve(length))
      })
        .on('error', reject)
        .end()
    })
  }

  function most(): number {
    const status = readFileSync(`/proc/${sandbox.enginePid()}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024
  }
})
