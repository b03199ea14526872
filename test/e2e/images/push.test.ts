import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { nativeTrees, openImageStore, type Pushed, pushImage } from '../../../src/image/index.ts'
import type { Progress } from '../../../src/image/progress.ts'
import { createNative } from '../../../src/native/index.ts'
import type { RegistryCredentials } from '../../../src/oci/credentials.ts'
import { parseReference } from '../../../src/oci/reference.ts'
import { requires, root } from '../../requires.ts'
import { type Chaos, ChaosProxy, type Seen } from '../harness/registry/chaos-proxy.ts'
import {
  type DockerRegistry,
  dockerRegistry,
  type RegistryOptions,
  startRegistry,
} from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { BASE, type ImageLab, makeImageLab } from './image-lab.ts'

const gate = requires(root, ...dockerRegistry)

gate.describe('push', () => {
  let lab: ImageLab
  let registry: DockerRegistry
  let built: string
  const closing: (() => unknown)[] = []

  beforeAll(async () => {
    lab = await makeImageLab()
    registry = await startRegistry()
    const text = `${BASE}FROM base\nRUN head -c 3000000 /dev/urandom > /noise\nRUN rm /bin/vi && mkdir -p /opt/a && echo hi > /opt/a/b\n`
    built = (await lab.build(text)).imageId
  })
  afterAll(async () => {
    await registry.stop()
    await lab.remove()
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function another(options?: RegistryOptions): Promise<DockerRegistry> {
    const made = await startRegistry(options)
    closing.push(() => made.stop())
    return made
  }

  async function push(
    name: string,
    image = built,
    credentials?: RegistryCredentials,
  ): Promise<Pushed & { readonly lines: readonly Progress[] }> {
    const lines: Progress[] = []
    const pushed = await pushImage({
      store: lab.store,
      images: await lab.store.platformsOf(image),
      reference: parseReference(name),
      credentials: async () => credentials,
      signal: new AbortController().signal,
      onProgress: line => lines.push(line),
    })
    return { ...pushed, lines }
  }

  /** The image as somebody else has it who pulls it. */
  async function pulled(name: string): Promise<ImageLab> {
    const other = await makeImageLab()
    closing.push(() => other.remove())
    await other.store.ensure(name)
    return other
  }

  const statuses = (lines: readonly Progress[]): ReadonlySet<string> =>
    new Set(lines.map(({ status }) => status).filter(status => status !== 'Preparing'))
  const uploads = (requests: readonly string[]): readonly string[] =>
    requests.filter(line => line.startsWith('PATCH '))

  gate.test('what was built here is what others pull, by id, by digest and byte for byte', {}, async () => {
    const name = `${registry.domain}/team/app`
    const { digest, size, lines } = await push(`${name}:v1`)
    expect(statuses(lines)).toEqual(new Set(['Pushing', 'Pushed']))
    expect((await lab.store.inspect(built)).repoDigests).toEqual([`${name}@${digest}`])
    const manifest = await fetch(`http://${registry.domain}/v2/team/app/manifests/v1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    })
    expect((await manifest.arrayBuffer()).byteLength).toBe(size)
    const other = await pulled(`${name}@${digest}`)
    expect((await other.store.inspect(built)).id).toBe(built)
    expect((await other.store.verify(built)).every(({ intact }) => intact)).toBe(true)
    expect(await other.run(built, 'cat', '/opt/a/b')).toBe('hi')
    await expect(other.run(built, 'ls', '/bin/vi')).rejects.toThrow()
  })

  gate.test('what is there is not sent again, and other repositories have it mounted', {}, async () => {
    const first = await push(`${registry.domain}/team/again:v1`)
    const before = uploads(registry.requests()).length
    const second = await push(`${registry.domain}/team/again:v2`)
    expect([second.digest, statuses(second.lines)]).toEqual([first.digest, new Set(['Layer already exists'])])
    const mounted = await push(`${registry.domain}/team/elsewhere:v1`)
    expect(mounted.digest).toBe(first.digest)
    expect([...statuses(mounted.lines)].every(status => status.startsWith('Mounted from team/'))).toBe(true)
    expect(uploads(registry.requests())).toHaveLength(before)
  })

  gate.test('what was pulled is pushed with the manifest that it came with', {}, async () => {
    const tars = [layerOf({ name: 'a', content: 'a' }), layerOf({ name: 'b', content: 'b' })]
    const plain = await publish(registry.domain, 'from/plain', 'v1', tars, { pack: tar => tar })
    const { id } = await lab.store.ensure(`${registry.domain}/from/plain:v1`)
    expect((await push(`${registry.domain}/to/plain:v1`, id)).digest).toBe(plain.digest)
    const other = await another()
    expect((await push(`${other.domain}/to/plain:v1`, id)).digest).toBe(plain.digest)
  })

  gate.test('packed bytes that are kept are pushed as they came, and go with their image', {}, async () => {
    const { gzipSync } = await import('node:zlib')
    const pack = (tar: Buffer): Buffer => gzipSync(tar, { level: 1 })
    const files = layerOf({ name: 'd', content: randomBytes(100_000) })
    const image = await publish(registry.domain, 'from/kept', 'v1', [files], { pack })
    const folder = mkdtempSync(join(lab.folder, 'kept-'))
    const store = await openImageStore({ root: folder, trees: nativeTrees(createNative()), keepPacked: true })
    const record = await store.ensure(`${registry.domain}/from/kept:v1`)
    const blob = image.layers[0]?.digest ?? ''
    const kept = join(folder, 'layers', record.diffIds[0]?.slice(7) ?? '', 'blobs', blob.slice(7))
    expect(statSync(kept).size).toBe(image.layers[0]?.size)
    const other = await another()
    const reference = parseReference(`${other.domain}/to/kept:v1`)
    const { signal } = new AbortController()
    const options = { credentials: async () => undefined, signal, onProgress: () => undefined }
    const { digest } = await pushImage({ store, images: [record], reference, ...options })
    expect(digest).toBe(image.digest)
    await store.remove(record.id, { force: true })
    expect(existsSync(kept)).toBe(false)
  })

  gate.test('another packing makes another manifest of the same image', {}, async () => {
    const { gzipSync } = await import('node:zlib')
    const pack = (tar: Buffer): Buffer => gzipSync(tar, { level: 1 })
    const packed = await publish(
      registry.domain,
      'from/packed',
      'v1',
      [layerOf({ name: 'c', content: 'ccccc' })],
      {
        pack,
      },
    )
    await lab.store.ensure(`${registry.domain}/from/packed:v1`)
    const other = await another()
    await push(`${other.domain}/to/packed:v1`, packed.id)
    const reader = await pulled(`${other.domain}/to/packed:v1`)
    expect((await reader.store.resolve(packed.id))?.id).toBe(packed.id)
  })

  gate.test('tokens are asked for what is done: pull and push, and of what is mounted pull', {}, async () => {
    const secured = await another({ access: 'token' })
    const name = `${secured.domain}/team/app:v1`
    await expect(push(name)).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
    await push(name, built, { ...LOGIN })
    const asked = secured.tokens?.scopes.length ?? 0
    await push(`${secured.domain}/team/copy:v1`, built, { ...LOGIN })
    expect(new Set(secured.tokens?.scopes.slice(0, asked))).toEqual(
      new Set(['repository:team/app:pull,push']),
    )
    expect(new Set(secured.tokens?.scopes.slice(asked))).toEqual(
      new Set(['repository:team/copy:pull,push', 'repository:team/app:pull']),
    )
  })

  async function through(
    decide: (seen: Seen) => Chaos | undefined,
    { domain } = registry,
  ): Promise<ChaosProxy> {
    const proxy = await ChaosProxy.start(domain, decide)
    closing.push(() => proxy.close())
    return proxy
  }

  gate.test('an upload that breaks is begun anew', {}, async () => {
    let left = 3
    const proxy = await through(({ method }) => {
      if (method !== 'PATCH' || left === 0) return undefined
      left -= 1
      return { status: 503 }
    })
    const { digest } = await push(`${proxy.domain}/broken/app:v1`)
    const reader = await pulled(`${registry.domain}/broken/app@${digest}`)
    expect((await reader.store.inspect(built)).id).toBe(built)
  })

  const blobEnd = ({ method, path }: Seen): boolean => method === 'PUT' && path.includes('/blobs/')
  const manifestEnd = ({ method, path }: Seen): boolean => method === 'PUT' && path.includes('/manifests/')
  const cuts: readonly (readonly [what: string, when: (seen: Seen) => boolean, chaos: Chaos])[] = [
    ['cut in the middle of its bytes', ({ method }) => method === 'PATCH', { cutUploadAfter: 50_000 }],
    ['begun and never answered', ({ method }) => method === 'POST', { losesAnswer: true }],
    ['sent whole and never answered', ({ method }) => method === 'PATCH', { losesAnswer: true }],
    ['ended and never answered', blobEnd, { losesAnswer: true }],
    ['followed by a manifest that is never answered', manifestEnd, { losesAnswer: true }],
  ]
  for (const [at, [what, when, chaos]] of cuts.entries())
    gate.test(`an upload that is ${what} arrives all the same`, {}, async () => {
      let left = 2
      const proxy = await through(seen => {
        if (!when(seen) || left === 0) return undefined
        left -= 1
        return chaos
      })
      const { digest } = await push(`${proxy.domain}/cut${at}/app:v1`)
      expect(left).toBe(0)
      const reader = await pulled(`${registry.domain}/cut${at}/app@${digest}`)
      expect((await reader.store.inspect(built)).id).toBe(built)
    })

  gate.test(
    'a token that expires in the middle is asked for again, once for all who have it',
    {},
    async () => {
      const secured = await another({ access: 'token' })
      const realm = `Bearer realm="${secured.tokens?.realm}",service="test-registry"`
      const refused = new Set<string>()
      // What was let in a moment ago is refused once, in each kind of request.
      const proxy = await through(({ method, path }) => {
        const kind = `${method} ${path.includes('/manifests/') ? 'manifest' : 'blob'}`
        if (path === '/v2/' || !['PATCH', 'PUT'].includes(method) || refused.has(kind)) return undefined
        refused.add(kind)
        return { status: 401, headers: { 'www-authenticate': realm } }
      }, secured)
      const { digest } = await push(`${proxy.domain}/private/app:v1`, built, { ...LOGIN })
      expect([...refused].toSorted()).toEqual(['PATCH blob', 'PUT blob', 'PUT manifest'])
      const other = await makeImageLab()
      closing.push(() => other.remove())
      await other.store.ensure(`${secured.domain}/private/app@${digest}`, {
        credentials: async () => ({ ...LOGIN }),
      })
      expect((await other.store.inspect(built)).id).toBe(built)
    },
  )

  gate.test('ten at once, with tokens, are all let in, and so are ten who pull them', {}, async () => {
    const secured = await another({ access: 'token' })
    const names = Array.from({ length: 10 }, (_, at) => `${secured.domain}/team/app${at}:v1`)
    const pushed = await Promise.all(names.map(name => push(name, built, { ...LOGIN })))
    expect(new Set(pushed.map(({ digest }) => digest)).size).toBe(1)
    const other = await makeImageLab()
    closing.push(() => other.remove())
    const credentials = async (): Promise<RegistryCredentials> => ({ ...LOGIN })
    const images = await Promise.all(names.map(name => other.store.ensure(name, { credentials })))
    expect(new Set(images.map(({ id }) => id))).toEqual(new Set([built]))
    expect((await other.store.inspect(built)).repoTags).toHaveLength(10)
    const wrong = async (): Promise<RegistryCredentials> => ({ ...LOGIN, password: 'wrong' })
    const refusals = await Promise.allSettled(
      names.map(name => other.store.ensure(name, { credentials: wrong, policy: 'always' })),
    )
    expect(refusals.map(({ status }) => status)).toEqual(names.map(() => 'rejected'))
  })

  gate.test('a layer that is not what it was does not become one of the registry', {}, async () => {
    const fresh = await makeImageLab()
    closing.push(() => fresh.remove())
    const { imageId } = await fresh.build('FROM scratch\nCOPY a /a\n', { files: { a: 'content' } })
    const layers = join(fresh.store.root, 'layers')
    for (const layer of readdirSync(layers)) appendFileSync(join(layers, layer, 'fs/a'), 'more')
    const pushing = pushImage({
      store: fresh.store,
      images: [await fresh.store.inspect(imageId)],
      reference: parseReference(`${registry.domain}/changed/app:v1`),
      credentials: async () => undefined,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    })
    await expect(pushing).rejects.toMatchObject({ code: 'LAYER_CHANGED' })
    const answer = await fetch(`http://${registry.domain}/v2/changed/app/tags/list`)
    expect(answer.status).toBe(404)
  })
})
