import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import { parseReference } from '../../oci/reference.ts'
import type { ManifestContent } from './client.ts'
import { copyImage, type ImageCopy } from './copy-image.ts'

const blob = (text: string): { digest: string; size: number; mediaType: string } => ({
  digest: digestOf(text),
  size: text.length,
  mediaType: 'x/y',
})
const written = (mediaType: string, fields: object): ManifestContent => {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }))
  return { digest: digestOf(bytes), mediaType, bytes }
}
const amd = written(MEDIA_TYPE.manifest, { config: blob('config'), layers: [blob('one'), blob('two')] })
const arm = written(MEDIA_TYPE.manifest, { config: blob('other'), layers: [blob('one')] })
const both = written(MEDIA_TYPE.index, {
  manifests: [amd, arm].map(({ digest, bytes, mediaType }) => ({ digest, mediaType, size: bytes.length })),
})

/** Two repositories; `log` has what the second was told, in order. */
function lab(from: string, to: string, isThere: (text: string) => boolean = () => false) {
  const log: string[] = []
  let breaks = 0
  const textOf = (digest: string): string =>
    ['config', 'other', 'one', 'two'].find(text => digestOf(text) === digest) ?? digest
  const copy: ImageCopy = {
    from: parseReference(from),
    to: parseReference(to),
    client: {
      manifest: async ({ digest }) => [amd, arm].find(each => each.digest === digest) ?? both,
      open: async (_, digest) => ({
        start: 0,
        bytes: (async function* () {
          yield Buffer.from(textOf(digest))
        })(),
      }),
    },
    writer: {
      hasBlob: async (_, digest) => log.includes(textOf(digest)) || isThere(textOf(digest)),
      mountBlob: async (_, digest, path) => {
        log.push(`mount ${path}`, textOf(digest))
        return 'mounted'
      },
      beginUpload: async () => new URL('http://r/upload'),
      sendBytes: async (_, address, bytes) => {
        if (breaks-- > 0) throw failure({ code: 'UPLOAD_BROKEN', summary: 'broken' })
        for await (const part of bytes()) log.push(Buffer.from(part).toString())
        return address
      },
      finish: async (_, __, digest) => void expect(log.at(-1)).toBe(textOf(digest)),
      putManifest: async ({ tag }, { digest }) =>
        void log.push(`${tag ?? 'digest'} ${[amd, arm, both].findIndex(each => each.digest === digest)}`),
    },
  }
  return { log, copy, breakOff: () => (breaks = 1) }
}

test('all platforms go before the index that names them, each blob once, none under a tag', async () => {
  const { log, copy } = lab('a.example/app:1', 'b.example/shop:2')
  const { digest, size, mediaType } = await copyImage(copy)
  expect([digest, size, mediaType]).toEqual([both.digest, both.bytes.length, MEDIA_TYPE.index])
  expect(log).toEqual(['config', 'one', 'two', 'digest 0', 'other', 'digest 1', 'digest 2'])
})

test('one registry takes blobs from its other repository', async () => {
  const { log, copy } = lab('a.example/app:1', 'a.example/shop:2', text => text !== 'two')
  await copyImage(copy)
  expect(log).toEqual(['mount app', 'two', 'digest 0', 'digest 1', 'digest 2'])
})

test('an upload that breaks off is begun anew', async () => {
  const { log, copy, breakOff } = lab('a.example/app:1', 'b.example/shop:2', text => text !== 'two')
  breakOff()
  await copyImage(copy)
  expect(log).toContain('two')
})

test('a blob of another size than its manifest says is not copied', async () => {
  const { log, copy } = lab('a.example/app:1', 'b.example/shop:2')
  const wrong = written(MEDIA_TYPE.manifest, { config: { ...blob('config'), size: 7 }, layers: [] })
  const client = { ...copy.client, manifest: async () => wrong }
  await expect(copyImage({ ...copy, client })).rejects.toMatchObject({ code: 'REGISTRY_ANSWER' })
  expect(log).toEqual(['config'])
})
