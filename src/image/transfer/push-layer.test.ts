import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { failure } from '../../diagnostics/index.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { parseReference } from '../../oci/reference.ts'
import type { PackedForm } from '../store/packed.ts'
import { type LayerPush, pushLayer } from './push-layer.ts'

const TAR = Buffer.from('a tar, as far as anybody here knows')
const DIFF_ID = digestOf(TAR)
const FORM: PackedForm = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: `sha256:${'1'.repeat(64)}`,
  size: 9,
  repositories: ['registry.example/known', 'other.example/known'],
}

interface World {
  readonly push: LayerPush
  readonly calls: string[]
  readonly sent: Buffer[]
}

function world(
  writer: Partial<LayerPush['writer']>,
  tar = whole,
  forms: readonly PackedForm[] = [],
  kept?: Readonly<Record<string, Buffer>>,
): World {
  const calls: string[] = []
  const sent: Buffer[] = []
  const push: LayerPush = {
    writer: {
      hasBlob: async () => false,
      mountBlob: async () => new URL('https://registry.example/instead'),
      beginUpload: async () => new URL('https://registry.example/upload'),
      sendBytes: async (_repository, address, bytes) => {
        calls.push(`send ${address.pathname}`)
        for await (const piece of bytes()) sent.push(Buffer.from(piece))
        return address
      },
      finish: async (_repository, _address, digest) => void calls.push(`finish ${digest}`),
      ...writer,
    },
    store: {
      layerTar: tar,
      packedBytes: (_, digest) => pieces(kept?.[digest]),
      packedForms: async () => forms,
    },
    reference: parseReference('registry.example/new:v1'),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  }
  return { push, calls, sent }
}

function pieces(bytes: Buffer | undefined): AsyncIterable<Buffer> | undefined {
  if (bytes === undefined) return undefined
  return (async function* () {
    yield bytes
  })()
}

async function* whole(): AsyncGenerator<Buffer> {
  yield TAR
}

const layer = { diffId: DIFF_ID, size: TAR.length }

test('a layer is packed while it is sent, and named after what was sent', async () => {
  const { push, calls, sent } = world({})
  const packed = await pushLayer(push, layer)
  expect(gunzipSync(Buffer.concat(sent))).toEqual(TAR)
  expect(packed).toMatchObject({ digest: digestOf(Buffer.concat(sent)), size: Buffer.concat(sent).length })
  expect(calls).toEqual(['send /upload', `finish ${packed.digest}`])
})

test('one that the manifest has plain is sent plain', async () => {
  const { push, sent } = world({})
  const wanted = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: DIFF_ID, size: TAR.length }
  expect(await pushLayer(push, { ...layer, wanted })).toEqual(wanted)
  expect(Buffer.concat(sent)).toEqual(TAR)
})

test('a form that is there is not sent', async () => {
  const { push, calls } = world({ hasBlob: async (_, digest) => digest === FORM.digest }, whole, [FORM])
  expect(await pushLayer(push, layer)).toEqual(FORM)
  expect(calls).toEqual([])
})

test('a registry that does not mount gets the bytes where it says, one that refuses by an upload', async () => {
  const declining = world({}, whole, [FORM])
  await pushLayer(declining.push, layer)
  expect(declining.calls[0]).toBe('send /instead')
  const mountBlob = async (): Promise<never> => {
    throw failure({ kind: 'unauthorized', code: 'REGISTRY_UNAUTHORIZED', summary: 'no' })
  }
  const refusing = world({ mountBlob }, whole, [FORM])
  await pushLayer(refusing.push, layer)
  expect(refusing.calls[0]).toBe('send /upload')
})

test('what is wrong with the layer ends the push at once, and nothing is finished', async () => {
  async function* changed(): AsyncGenerator<Buffer> {
    yield TAR
    throw failure({ code: 'LAYER_CHANGED', summary: 'changed' })
  }
  const { push, calls } = world({}, changed)
  await expect(pushLayer(push, layer)).rejects.toMatchObject({ code: 'LAYER_CHANGED' })
  expect(calls).toEqual(['send /upload'])
})

test('packed bytes that were kept are sent as they are', async () => {
  const bytes = Buffer.from('packed once, elsewhere')
  const form = { ...FORM, digest: digestOf(bytes), size: bytes.length, repositories: [] }
  const { push, calls, sent } = world({}, whole, [form], { [form.digest]: bytes })
  expect(await pushLayer(push, layer)).toMatchObject({ digest: form.digest, mediaType: form.mediaType })
  expect(Buffer.concat(sent)).toEqual(bytes)
  expect(calls.at(-1)).toBe(`finish ${form.digest}`)
})

test('kept bytes that are not what their name says never become a layer of the registry', async () => {
  const form = { ...FORM, repositories: [] }
  const { push, calls } = world({}, whole, [form], { [form.digest]: Buffer.from('others') })
  await expect(pushLayer(push, layer)).rejects.toMatchObject({ code: 'LAYER_CHANGED' })
  expect(calls).toEqual(['send /upload'])
})
