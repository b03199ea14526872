import { expect, test } from 'vitest'
import { chooseManifest, type ImageIndex, parseManifest, platformsOf } from './manifest.ts'
import { MEDIA_TYPE } from './media-types.ts'
import { parsePlatform } from './platform.ts'

const descriptor = (digit: string) => ({ mediaType: 'x', digest: `sha256:${digit.repeat(64)}`, size: 7 })

function parse(value: unknown, mediaType: string = MEDIA_TYPE.manifest) {
  return parseManifest(Buffer.from(JSON.stringify(value)), mediaType)
}

function index(...platforms: (string | undefined)[]): ImageIndex {
  const manifests = platforms.map((text, at) => ({
    ...descriptor(String(at)),
    ...(text === undefined ? {} : { platform: parsePlatform(text) }),
  }))
  const read = parse({ schemaVersion: 2, manifests }, MEDIA_TYPE.index)
  if (read.kind !== 'index') throw new Error('not read as an index')
  return read
}

test.each([
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifest,
])('%s has a config and layers, bottom first', type => {
  const written = { schemaVersion: 2, config: descriptor('a'), layers: [descriptor('b'), descriptor('c')] }
  expect(parse(written, type)).toEqual({
    kind: 'manifest',
    mediaType: type,
    config: descriptor('a'),
    layers: [descriptor('b'), descriptor('c')],
  })
})

test.each([
  ['another type than it was sent as', { mediaType: MEDIA_TYPE.index, config: descriptor('a'), layers: [] }],
  ['the fields of an index too', { config: descriptor('a'), layers: [], manifests: [] }],
  ['schema 1', { schemaVersion: 1, fsLayers: [] }],
  ['no config', { layers: [] }],
  ['layers that are no list', { config: descriptor('a'), layers: {} }],
  ['a digest of another algorithm', { config: { ...descriptor('a'), digest: 'md5:12' }, layers: [] }],
  ['a size below zero', { config: { ...descriptor('a'), size: -1 }, layers: [] }],
  ['a size that is no whole number', { config: { ...descriptor('a'), size: 1.5 }, layers: [] }],
  ['a list instead of an object', []],
])('a manifest with %s is refused', (_what, written) => {
  expect(() => parse(written)).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }))
})

test.each([
  ['linux/amd64', '1'],
  ['linux/arm/v7', '2'],
  ['linux/arm64', undefined],
])('of an index, %s takes entry %s', (platform, digit) => {
  const chosen = chooseManifest(
    index('windows/amd64', 'linux/amd64', 'linux/arm/v6', 'linux/arm/v5'),
    parsePlatform(platform),
  )
  expect(chosen?.digest).toBe(digit && descriptor(digit).digest)
})

test('an only entry without a platform is for every machine', () => {
  expect(chooseManifest(index(undefined), parsePlatform('linux/arm64'))?.digest).toBe(descriptor('0').digest)
})

test('attestations are no platform', () => {
  expect(platformsOf(index('linux/amd64', 'unknown/unknown'))).toEqual(['linux/amd64'])
})

test.each([
  ['manifests[0].platform', { platform: 'linux/amd64' }],
  ['manifests[0].platform.os', { platform: { os: 1, architecture: 'amd64' } }],
  ['manifests[0].annotations', { annotations: ['a'] }],
  ['manifests[0].mediaType', { mediaType: 7 }],
])('an index whose "%s" has another shape is refused by its name', (field, wrong) => {
  expect(() => parse({ manifests: [{ ...descriptor('a'), ...wrong }] }, MEDIA_TYPE.index)).toThrow(
    expect.objectContaining({
      code: 'MANIFEST_INVALID',
      diagnostics: [expect.objectContaining({ detail: expect.stringContaining(`"${field}" is no`) })],
    }),
  )
})

test('null is as if left out', () => {
  const nothing = { mediaType: null, annotations: null, platform: null }
  const manifests = [{ ...descriptor('a'), ...nothing }]
  const { mediaType: _, ...rest } = descriptor('a')
  const read = parse({ mediaType: null, manifests, layers: null, config: null }, MEDIA_TYPE.index)
  expect(read).toMatchObject({ kind: 'index', manifests: [rest] })
})
