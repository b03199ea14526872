import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { loadImages, saveImages } from '../../../src/image/index.ts'
import { saidOf } from '../../../src/image/transfer/attestations.ts'
import { readTar } from '../../../src/tar/index.ts'
import { requires, root } from '../../requires.ts'
import { type Draft, layerOf } from '../harness/registry/publish.ts'
import { type ImageLab, makeImageLab, storeFiles } from './image-lab.ts'

const hexOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const BELOW = layerOf({ type: 'folder', name: 'etc/' }, { name: 'etc/a', content: 'a' })
const ABOVE = layerOf({ name: 'etc/.wh.a' }, { name: 'etc/b', content: Buffer.alloc(400_000, 'b') })
const CONFIG = Buffer.from(
  JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-02T03:04:05Z',
    config: { Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [BELOW, ABOVE].map(tar => `sha256:${hexOf(tar)}`) },
    history: [],
  }),
)
const ID = `sha256:${hexOf(CONFIG)}`

const blob = (content: Buffer): Draft => ({ name: `blobs/sha256/${hexOf(content)}`, content })
const json = (name: string, value: unknown): Draft => ({ name, content: JSON.stringify(value) })
const nameOf = (content: Buffer): string => `blobs/sha256/${hexOf(content)}`

/** An OCI layout whose layers are packed, with an index of platforms. */
function layout(): readonly Draft[] {
  const packed = [BELOW, ABOVE].map(tar => gzipSync(tar))
  const descriptor = (content: Buffer, mediaType: string): object => ({
    mediaType: `application/vnd.oci.image.${mediaType}`,
    digest: `sha256:${hexOf(content)}`,
    size: content.length,
  })
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor(CONFIG, 'config.v1+json'),
      layers: packed.map(content => descriptor(content, 'layer.v1.tar+gzip')),
    }),
  )
  const platform = { os: 'linux', architecture: 'amd64' }
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ ...descriptor(manifest, 'manifest.v1+json'), platform }],
    }),
  )
  const annotations = { 'org.opencontainers.image.ref.name': 'x:1' }
  return [
    json('index.json', {
      schemaVersion: 2,
      manifests: [{ ...descriptor(index, 'index.v1+json'), annotations }],
    }),
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    ...[index, manifest, CONFIG, ...packed].map(blob),
  ]
}

const manifestJson = (config: string, layers: readonly string[]): Draft =>
  json('manifest.json', [{ Config: config, RepoTags: ['x:1'], Layers: layers }])
const today = (): Draft[] => [
  ...[BELOW, ABOVE, CONFIG].map(blob),
  manifestJson(nameOf(CONFIG), [BELOW, ABOVE].map(nameOf)),
]

/** Archives of one image, as tools have written them. */
const archives: Readonly<Record<string, () => readonly Draft[]>> = {
  'docker save of today': today,
  'an OCI layout with packed layers': layout,
  'docker save before it was an OCI layout, where a layer may be a link': () => [
    { name: 'one/layer.tar', content: BELOW },
    { name: 'two/layer.tar', content: ABOVE },
    { type: 'symlink', name: 'three/layer.tar', linkName: '../two/layer.tar' },
    { name: `${hexOf(CONFIG)}.json`, content: CONFIG },
    manifestJson(`${hexOf(CONFIG)}.json`, ['one/layer.tar', 'three/layer.tar']),
  ],
}

let lab: ImageLab
const gate = requires(root)

gate.describe('archives of images', () => {
  beforeAll(async () => {
    lab = await makeImageLab()
  })
  beforeEach(async () => {
    for (const { id } of await lab.store.list()) await lab.store.remove(id, { force: true })
  })
  afterAll(() => lab.remove())

  const load = (archive: Buffer): ReturnType<typeof loadImages> =>
    loadImages(Readable.from([archive]), { store: lab.store })

  /** Nothing of an archive is in the store. */
  async function expectNothing(): Promise<void> {
    for (const folder of ['configs', 'layers', 'manifests', 'facts', 'tmp'])
      expect([folder, await storeFiles(lab.store, folder)]).toEqual([folder, []])
    expect(await lab.store.list()).toEqual([])
  }

  for (const [what, make] of Object.entries(archives)) {
    gate.test(`${what} is loaded, packed or not, and in any order`, {}, async () => {
      for (const archive of [layerOf(...make()), gzipSync(layerOf(...make().toReversed()))]) {
        expect(await load(archive)).toEqual([{ id: ID, tags: ['x:1'], moved: [] }])
        expect((await lab.store.verify(ID)).map(({ intact }) => intact)).toEqual([true, true])
        await lab.store.remove('x:1')
        await expectNothing()
      }
    })
  }

  gate.test('a layer without a file is one, by whatever tool and however long', {}, async () => {
    const empty = [Buffer.alloc(1024), Buffer.alloc(10_240)]
    const rootfs = { type: 'layers', diff_ids: empty.map(tar => `sha256:${hexOf(tar)}`) }
    const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }))
    const files = empty.map((content, at) => ({ name: `${at}/layer.tar`, content }))
    const names = files.map(({ name }) => name)
    const archive = layerOf(...files, { name: 'c.json', content: config }, manifestJson('c.json', names))
    expect(await load(archive)).toMatchObject([{ tags: ['x:1'] }])
  })

  gate.test('an archive from before images had configs gets one', {}, async () => {
    const [below, above] = ['1', '2'].map(digit => digit.repeat(64))
    const [{ id } = { id: '' }] = await load(
      layerOf(
        { name: `${below}/layer.tar`, content: BELOW },
        json(`${below}/json`, { id: below, container_config: { Cmd: ['one'] } }),
        { name: `${above}/layer.tar`, content: ABOVE },
        json(`${above}/json`, { id: above, parent: below, os: 'linux', config: { Cmd: ['sh'] } }),
        json('repositories', { old: { v1: above } }),
      ),
    )
    const image = await lab.store.inspect('old:v1')
    expect([image.id, image.config.Cmd, image.history.length]).toEqual([id, ['sh'], 2])
    expect(image.diffIds).toEqual([BELOW, ABOVE].map(tar => `sha256:${hexOf(tar)}`))
  })

  gate.test(
    'what is saved is loaded as it was, several images with the layers that they share',
    {},
    async () => {
      await load(layerOf(...today()))
      const config = JSON.parse(CONFIG.toString('utf8')) as never
      const second = await lab.store.addImage(
        { ...(config as object), created: '2026-02-02T00:00:00Z' } as never,
        ['y'],
      )
      const save = async (): Promise<Buffer> => {
        const pieces: Buffer[] = []
        const images = [
          { id: ID, tags: ['x:1'] },
          { id: second.id, tags: ['y:latest', 'z:2'] },
        ]
        for await (const piece of saveImages(lab.store, images)) pieces.push(piece)
        return Buffer.concat(pieces)
      }
      const saved = await save()
      await lab.store.prune({ all: true })
      await expectNothing()
      expect(await load(saved)).toMatchObject([
        { id: ID, tags: ['x:1'] },
        { id: second.id, tags: ['y:latest', 'z:2'] },
      ])
      expect((await save()).equals(saved)).toBe(true)
      expect(await storeFiles(lab.store, 'layers')).toHaveLength(2)
    },
  )

  gate.test('what is said of an image goes along with it, in both forms of an archive', {}, async () => {
    const said = [
      { type: 'https://slsa.dev/provenance/v1', bytes: Buffer.from('{"buildDefinition":{}}') },
      { type: 'https://spdx.dev/Document', bytes: Buffer.from('{"packages":[{"name":"a"}]}') },
    ]
    const toldOf = async (id: string): Promise<readonly string[]> =>
      (await saidOf(lab.store, id)).map(({ type, bytes }) => `${type} ${Buffer.from(bytes)}`)
    const save = async (): Promise<Buffer> => {
      const pieces: Buffer[] = []
      for await (const piece of saveImages(lab.store, [{ id: ID, tags: ['x:1'] }])) pieces.push(piece)
      return Buffer.concat(pieces)
    }
    await load(layerOf(...today()))
    await lab.store.attest(ID, said)
    const [expected, saved] = [await toldOf(ID), await save()]
    const layoutAlone: Draft[] = []
    for await (const { entry, content } of readTar(Readable.from([saved]))) {
      const pieces: Buffer[] = []
      for await (const piece of content) pieces.push(piece)
      if (entry.type === 'file' && entry.name !== 'manifest.json' && entry.name !== 'repositories')
        layoutAlone.push({ name: entry.name, content: Buffer.concat(pieces) })
    }
    for (const archive of [saved, layerOf(...layoutAlone)]) {
      await lab.store.remove('x:1')
      await expectNothing()
      expect(await load(archive)).toMatchObject([{ id: ID, tags: ['x:1'] }])
      expect(await toldOf(ID)).toEqual(expected)
      expect((await save()).equals(saved)).toBe(true)
    }
  })

  gate.test('a tag that moves is told, with the image that had it', {}, async () => {
    await load(layerOf(...today()))
    const other = await lab.store.addImage(
      JSON.parse(CONFIG.toString('utf8').replace('"sh"', '"ash"')) as never,
      ['x:1'],
    )
    expect(await load(layerOf(...today()))).toMatchObject([{ moved: [{ tag: 'x:1', from: other.id }] }])
  })

  const other = layerOf({ name: 'other', content: 'other' })
  const wrong: Readonly<Record<string, readonly [make: () => Buffer, code: string]>> = {
    'is no tar': [() => Buffer.from('hello'.repeat(500)), 'TAR_MALFORMED'],
    'holds no image': [() => layerOf({ name: 'foo', content: 'foo' }), 'IMAGE_ARCHIVE_INVALID'],
    'is empty': [() => Buffer.alloc(1024), 'IMAGE_ARCHIVE_INVALID'],
    'is cut off': [() => layerOf(...today()).subarray(0, 300_000), 'TAR_MALFORMED'],
    'lacks a layer': [
      () => layerOf(...today().filter(({ name }) => name !== nameOf(ABOVE))),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'lacks a config': [
      () => layerOf(...today().filter(({ name }) => name !== nameOf(CONFIG))),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'has another layer under the name of one': [
      () =>
        layerOf(...today().map(each => (each.name === nameOf(BELOW) ? { ...each, content: other } : each))),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'has another config under its name': [
      () =>
        layerOf(...today().map(each => (each.name === nameOf(CONFIG) ? { ...each, content: '{}' } : each))),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'has layers in another order than its config': [
      () => layerOf(...today(), manifestJson(nameOf(CONFIG), [ABOVE, BELOW].map(nameOf))),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'has a tag that is none': [
      () =>
        layerOf(
          ...today(),
          json('manifest.json', [
            { Config: nameOf(CONFIG), RepoTags: ['X:y:z'], Layers: [BELOW, ABOVE].map(nameOf) },
          ]),
        ),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'climbs out': [() => layerOf({ name: '../x', content: 'x' }, ...today()), 'TAR_INVALID'],
    'leads in a circle': [
      () =>
        layerOf(
          { type: 'symlink', name: 'a', linkName: 'b' },
          { type: 'symlink', name: 'b', linkName: 'a' },
          manifestJson('a', ['b']),
        ),
      'IMAGE_ARCHIVE_INVALID',
    ],
    'has a layer that is broken': [
      () => layerOf(...today(), { name: 'more/layer.tar', content: BELOW.subarray(0, 700) }),
      'TAR_MALFORMED',
    ],
    'has a parent that is its own': [
      () => {
        const id = '3'.repeat(64)
        return layerOf(
          { name: `${id}/layer.tar`, content: BELOW },
          json(`${id}/json`, { parent: id }),
          json('repositories', { old: { v1: id } }),
        )
      },
      'IMAGE_ARCHIVE_INVALID',
    ],
  }
  for (const [what, [make, code]] of Object.entries(wrong)) {
    gate.test(`an archive that ${what} is refused and leaves nothing`, {}, async () => {
      await expect(load(make())).rejects.toMatchObject({ code })
      await expectNothing()
    })
  }
})
