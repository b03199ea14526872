import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { requires, root } from '../../requires.ts'
import { type Chaos, ChaosProxy, type Seen } from '../harness/registry/chaos-proxy.ts'
import { type DockerRegistry, dockerRegistry, startRegistry } from '../harness/registry/docker-registry.ts'
import { layerOf, type Published, publish, publishIndex } from '../harness/registry/publish.ts'
import { type ImageLab, makeImageLab, storeFiles } from './image-lab.ts'

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '/bin/busybox'
/** Does not pack: as many bytes travel as it has. */
const NOISE = randomBytes(3 * 1024 * 1024)

let registry: DockerRegistry
let lab: ImageLab
let image: Published
const closing: (() => Promise<unknown>)[] = []

const gate = requires(root, ...dockerRegistry)

gate.describe('pull', () => {
  beforeAll(async () => {
    registry = await startRegistry()
    const files = layerOf(
      { name: 'bin/busybox', mode: 0o755, content: readFileSync(BUSYBOX) },
      { name: 'etc/secret', content: 'old' },
      { name: 'noise', content: NOISE },
    )
    image = await publish(registry.domain, 'team/app', 'v1', [files, layerOf({ name: 'etc/.wh.secret' })])
  })
  afterAll(() => registry.stop())
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function makeLab(): Promise<ImageLab> {
    lab = await makeImageLab()
    closing.push(() => lab.remove())
    return lab
  }

  /** A registry that misbehaves as `decide` says for blobs. */
  async function through(decide: (seen: Seen) => Chaos | undefined): Promise<ChaosProxy> {
    const proxy = await ChaosProxy.start(registry.domain, seen =>
      seen.path.includes('/blobs/') ? decide(seen) : undefined,
    )
    closing.push(() => proxy.close())
    return proxy
  }

  gate.test('an image comes with its id, its tag and its digest, and runs', {}, async () => {
    const { store, run } = await makeLab()
    const name = `${registry.domain}/team/app`
    const record = await store.ensure(`${name}:v1`)
    expect(record).toMatchObject({
      id: image.id,
      repoTags: [`${name}:v1`],
      repoDigests: [`${name}@${image.digest}`],
    })
    expect(await run(image.id, '/bin/busybox', 'ls', '/etc')).toBe('')
    expect((await store.resolve(`${name}:other@${image.digest}`))?.id).toBe(image.id)
  })

  gate.test('what is here as its registry has it is asked for by its digest alone', {}, async () => {
    const { store } = await makeLab()
    const name = `${registry.domain}/team/again:v1`
    const first = await publish(registry.domain, 'team/again', 'v1', [layerOf({ name: 'a', content: 'a' })])
    const pulled = async (): Promise<string> => (await store.ensure(name, { policy: 'always' })).id
    expect(await pulled()).toBe(first.id)
    const before = registry.requests().length
    expect(await pulled()).toBe(first.id)
    const asked = registry.requests().slice(before)
    expect(asked.filter(line => !line.endsWith(' /v2/'))).toEqual(['HEAD /v2/team/again/manifests/v1'])
    // The name has moved on, there or here.
    const second = await publish(registry.domain, 'team/again', 'v1', [layerOf({ name: 'b', content: 'b' })])
    expect(await pulled()).toBe(second.id)
    await store.tag(first.id, name)
    expect(await pulled()).toBe(second.id)
  })

  gate.test('of an index, the image for this machine is taken', {}, async () => {
    const { store } = await makeLab()
    const foreign = await publish(registry.domain, 'team/app', 'foreign', [], { architecture: 's390x' })
    const images = { 'linux/s390x': foreign.digest, 'linux/amd64': image.digest }
    const index = await publishIndex(registry.domain, 'team/app', 'all', images)
    const record = await store.ensure(`${registry.domain}/team/app:all`)
    expect([record.id, record.repoDigests]).toEqual([image.id, [`${registry.domain}/team/app@${index}`]])
    await expect(store.ensure(`${registry.domain}/team/app:foreign`)).rejects.toMatchObject({
      code: 'PLATFORM_NOT_OFFERED',
    })
  })

  gate.test(
    'what was pulled is there as it was: manifests, each layer as a tar, and how it was packed',
    {},
    async () => {
      const { store } = await makeLab()
      const index = await publishIndex(registry.domain, 'team/app', 'kept', { 'linux/amd64': image.digest })
      const name = `${registry.domain}/team/app`
      const { diffIds } = await store.ensure(`${name}:kept`)
      const manifests = await store.manifestsOf(image.id)
      expect(manifests.map(({ digest }) => digest)).toEqual([index, image.digest])
      expect(
        manifests.map(({ bytes }) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`),
      ).toEqual([index, image.digest])
      for (const [at, diffId] of diffIds.entries()) {
        const hash = createHash('sha256')
        for await (const piece of store.layerTar(diffId)) hash.update(piece)
        expect(`sha256:${hash.digest('hex')}`).toBe(diffId)
        const { digest, size } = image.layers[at] ?? {}
        expect(await store.packedForms(diffId)).toMatchObject([{ digest, size, repositories: [name] }])
      }
      expect((await store.verify(image.id)).map(({ intact }) => intact)).toEqual([true, true])
      await store.remove(image.id, { force: true })
      expect(await storeFiles(store, 'manifests')).toEqual([])
      expect(await storeFiles(store, 'facts')).toEqual([])
    },
  )

  gate.test('what breaks off every 500 kB arrives whole, and hardly a byte twice', {}, async () => {
    const { store } = await makeLab()
    const proxy = await through(() => ({ cutAfter: 500_000 }))
    const record = await store.ensure(`${proxy.domain}/team/app:v1`)
    expect(record.id).toBe(image.id)
    const size = image.layers.reduce((sum, layer) => sum + layer.size, 0)
    expect(proxy.sent / size).toBeLessThan(1.05)
  })

  gate.test('a registry that knows no ranges is read from the start again', {}, async () => {
    const { store } = await makeLab()
    const proxy = await through(({ before }) => ({
      ignoreRange: true,
      ...(before < 2 ? { cutAfter: 1_000_000 } : {}),
    }))
    expect((await store.ensure(`${proxy.domain}/team/app:v1`)).id).toBe(image.id)
  })

  const lies: readonly (readonly [what: string, chaos: Chaos, code: string])[] = [
    ['one byte is another', { corruptAt: 2_000_000 }, 'REGISTRY_ANSWER'],
    ['there are more bytes than announced', { extraBytes: 10 }, 'REGISTRY_ANSWER'],
    ['it is not there', { status: 404 }, 'REGISTRY_NOT_FOUND'],
  ]
  for (const [what, chaos, code] of lies) {
    gate.test(`a layer is refused, and nothing of it stays, when ${what}`, {}, async () => {
      const { store } = await makeLab()
      const big = image.layers[0]?.digest ?? ''
      const proxy = await through(({ path }) => (path.endsWith(big) ? chaos : undefined))
      await expect(store.ensure(`${proxy.domain}/team/app:v1`)).rejects.toMatchObject({ code })
      expect(await store.list()).toEqual([])
    })
  }

  gate.test(
    'bytes behind the packed data are refused, though they are what the digest says',
    {},
    async () => {
      const { store } = await makeLab()
      const pack = (tar: Buffer): Buffer => Buffer.concat([gzipSync(tar), Buffer.alloc(5_000_000, 1)])
      await publish(registry.domain, 'team/app', 'tail', [layerOf({ name: 'a', content: 'a' })], { pack })
      await expect(store.ensure(`${registry.domain}/team/app:tail`)).rejects.toThrow()
      expect(await store.list()).toEqual([])
    },
  )

  gate.test('ten who want one image share one download', {}, async () => {
    const { store } = await makeLab()
    const proxy = await through(() => undefined)
    const name = `${proxy.domain}/team/app:v1`
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await store.ensure(name)).id))
    expect(new Set(ids)).toEqual(new Set([image.id]))
    expect(proxy.seen.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(3)
  })
})
