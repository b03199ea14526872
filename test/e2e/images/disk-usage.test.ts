import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { requires, root } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const MB = 1_000_000
const DOCKERFILE = `FROM busybox
COPY a /a
COPY a /a
RUN --mount=type=cache,target=/cache cp /a/file /cache/file; cp /a/file /b
`

requires(root).describe('what takes space', () => {
  let sandbox: Sandbox
  let docker: Docker

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    const context = join(sandbox.folder, 'app')
    mkdirSync(join(context, 'a'), { recursive: true })
    writeFileSync(join(context, 'a', 'file'), randomBytes(3 * MB))
    for (let at = 0; at < 300; at += 1) writeFileSync(join(context, 'a', `small${at}`), `${at}`)
    writeFileSync(join(context, 'Dockerfile'), DOCKERFILE)
    // With a container the engine stays.
    const hold = '{image: busybox, command: [sleep, infinity], init: true}'
    sandbox.write('compose.yaml', `services: {app: {build: ./app, image: app}, hold: ${hold}}\n`)
    await sandbox.ok('up', '-d', 'hold')
    await sandbox.ok('build')
    docker = new Docker({ socketPath: sandbox.socket })
  })
  afterAll(async () => {
    docker.modem.destroy()
    await sandbox.close()
  })

  /** Bytes that `system df` tells of images and builds, and what du(1) finds. */
  async function compared(): Promise<{ readonly told: number; readonly found: number }> {
    const { LayersSize, BuildCache } = await docker.df()
    const own = (BuildCache ?? []).filter(({ Shared }) => !Shared)
    const told = own.reduce((sum, { Size }) => sum + Size, LayersSize)
    const output = execFileSync('du', [
      '--summarize',
      '--block-size=1',
      join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'images'),
    ])
    return { told, found: Number.parseInt(output.toString(), 10) }
  }

  requires(
    root,
  ).test('is told as it lies on disk, within 1 %, contexts and caches of builds too', {}, async () => {
    showLogOnFailure(sandbox)
    const { BuildCache } = await docker.df()
    const kinds = new Set(BuildCache?.map(({ Type }) => Type))
    expect(kinds).toEqual(new Set(['regular', 'source.local', 'exec.cachemount']))
    const full = await compared()
    expect(full.told).toBeGreaterThan(9 * MB)
    expect(Math.abs(full.told - full.found) / full.found).toBeLessThan(0.01)
    await docker.getImage('app').remove()
    const untagged = await compared()
    expect(Math.abs(untagged.told - untagged.found) / untagged.found).toBeLessThan(0.01)
    await docker.pruneBuilder()
    const pruned = await compared()
    expect(pruned.found).toBeLessThan(full.found / 2)
  })
})
