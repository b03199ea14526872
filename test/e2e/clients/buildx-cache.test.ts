import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { present, requires } from '../../requires.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { BUILDX, type Buildx, buildxIn } from './buildx.ts'

const DOCKERFILE =
  'FROM busybox AS made\nRUN head -c 3000000 /dev/urandom > /made\nFROM busybox\nRUN echo other > /other\nCOPY --from=made /made /taken\n'

// A folder of the client's, which is on the engine's machine no more than by chance: it is read and written over the session.
requires(present('Docker Buildx', BUILDX)).describe('caches that a client has in folders', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = makeSandbox()
    await sandbox.busybox()
    await sandbox.hold()
    sandbox.write('app/Dockerfile', DOCKERFILE)
  })
  afterAll(() => sandbox.close())

  const ok: Buildx['ok'] = (args, input) => buildxIn(sandbox).ok(args, input)
  const file = (name: string): string => join(sandbox.folder, name)
  const builtBy = async (...args: string[]): Promise<{ made: Buffer; cached: string[]; told: string }> => {
    const all = ['build', '--progress', 'rawjson', '-o', 'type=local,dest=out', ...args, 'app']
    const { status, stderr } = await buildxIn(sandbox).run(all)
    expect({ status, stderr: stderr.slice(-500) }).toMatchObject({ status: 0 })
    const lines = stderr.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line)] : []))
    const cached = lines.flatMap(({ vertexes }) => vertexes ?? []).filter(vertex => vertex.cached === true)
    return { made: readFileSync(file('out/taken')), cached: cached.map(({ name }) => name), told: stderr }
  }
  const blobs = (): string[] => readdirSync(file('cache/blobs/sha256')).sort()

  test('a build writes its steps there, and one that has none takes them from there', async () => {
    showLogOnFailure(sandbox)
    const first = await builtBy('--cache-to', 'type=local,dest=cache,mode=max', '--metadata-file', 'metadata')
    const { manifests } = JSON.parse(readFileSync(file('cache/index.json'), 'utf8'))
    expect(manifests).toMatchObject([{ annotations: { 'org.opencontainers.image.ref.name': 'latest' } }])
    expect(JSON.parse(readFileSync(file('metadata'), 'utf8'))['cache.manifest']).toContain(
      manifests[0].digest,
    )
    await ok(['prune', '-f', '-a'])
    const again = await builtBy('--cache-from', 'type=local,src=cache')
    expect(again.made.equals(first.made)).toBe(true)
    expect(again.cached).toHaveLength(3)
  })

  test('what is there already does not travel again, and another tag stands beside it', async () => {
    showLogOnFailure(sandbox)
    const before = blobs()
    const places = ['--cache-from', 'type=local,src=cache', '--cache-to', 'type=local,dest=cache,mode=max']
    await builtBy(...places)
    expect(blobs()).toEqual(before)
    await builtBy('--cache-to', 'type=local,dest=cache,tag=least')
    const { manifests } = JSON.parse(readFileSync(file('cache/index.json'), 'utf8'))
    expect(manifests).toHaveLength(2)
    expect(blobs().length).toBeLessThanOrEqual(before.length + 2)
    expect(readdirSync(file('cache/ingest'))).toEqual([])
  })

  test('one whose bytes are others is told of, and the steps run', async () => {
    showLogOnFailure(sandbox)
    const paths = blobs().map(name => file(`cache/blobs/sha256/${name}`))
    for (const path of paths.filter(each => statSync(each).size > 2_000_000)) truncateSync(path, 1_000_000)
    await ok(['prune', '-f', '-a'])
    const { cached, told } = await builtBy('--cache-from', 'type=local,src=cache')
    expect(cached).toEqual(expect.not.arrayContaining([expect.stringContaining('urandom')]))
    const warnings = told.match(/"short":"[^"]+"/g)?.map(text => Buffer.from(text.slice(9, -1), 'base64'))
    expect(warnings?.map(String).join()).toContain('cannot be taken')
    rmSync(file('cache'), { recursive: true })
  })
})
