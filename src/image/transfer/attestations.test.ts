import { expect, test } from 'vitest'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import type { RegistryClient } from '../registry/index.ts'
import { fetchAttestations, predicatesIn } from './attestations.ts'

const REFERENCE = { domain: 'registry.example', path: 'app', tag: '1' }

/** A registry that has one manifest, of whatever kind, and the documents that it names. */
function registryOf(manifest: object, mediaType: string, documents: readonly Buffer[]): RegistryClient {
  const bytes = Buffer.from(JSON.stringify(manifest))
  return {
    manifest: async () => ({ digest: digestOf(bytes), mediaType, bytes }),
    blob: async (_reference: unknown, { digest }: { digest: string }) =>
      documents.find(each => digestOf(each) === digest),
  } as unknown as RegistryClient
}

const said = Buffer.from('{"predicateType":"https://spdx.dev/Document","predicate":{"a":1}}')
const config = Buffer.from('{"os":"unknown"}')
const descriptor = (bytes: Buffer): object => ({ digest: digestOf(bytes), size: bytes.length })
const whole = { schemaVersion: 2, config: descriptor(config), layers: [descriptor(said)] }
const entries = [{ digest: digestOf(config), size: 1, about: digestOf(said) }]

test('what is said of an image comes with what it names', async () => {
  const contents = await fetchAttestations(
    registryOf(whole, MEDIA_TYPE.manifest, [said, config]),
    REFERENCE,
    entries,
  )
  expect(contents.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
    JSON.stringify(whole),
    config.toString(),
    said.toString(),
  ])
})

test.each([
  ['of another type', whole, 'application/vnd.oci.artifact.manifest.v1+json'],
  ['without a config', { schemaVersion: 2, layers: [] }, MEDIA_TYPE.manifest],
  ['an index', { schemaVersion: 2, manifests: [] }, MEDIA_TYPE.index],
])('a manifest that is %s keeps nobody from the image', async (_what, manifest, type) => {
  expect(await fetchAttestations(registryOf(manifest, type, []), REFERENCE, entries)).toEqual([])
})

test('the predicates of statements are read, whatever lies beside them', () => {
  const found = predicatesIn([config, said, Buffer.from('no JSON'), Buffer.from('null')])
  expect(found.map(({ type, bytes }) => [type, Buffer.from(bytes).toString()])).toEqual([
    ['https://spdx.dev/Document', '{"a":1}'],
  ])
})
