import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { encodeHeader, endOfArchive, padding, plainEntry, type TarEntry } from '../../../../src/tar/index.ts'

/** A file, folder or other entry of a layer. */
export type Draft = Pick<TarEntry, 'name'> & Partial<TarEntry> & { readonly content?: string | Buffer }

/** A layer's tar. */
export function layerOf(...drafts: readonly Draft[]): Buffer {
  const parts = drafts.flatMap(({ content = '', ...draft }) => {
    const data = Buffer.from(content)
    const header = encodeHeader(plainEntry({ type: 'file', size: data.length, ...draft }))
    return [header, data, padding(data.length)]
  })
  return Buffer.concat([...parts, endOfArchive()])
}

/** An image in a registry. */
export interface Published {
  /** Of its manifest. */
  readonly digest: string
  /** Of its config: the image's id. */
  readonly id: string
  readonly layers: readonly { readonly digest: string; readonly size: number }[]
}

/** How an image is published. */
export interface PublishOptions {
  readonly architecture?: string
  readonly config?: object
  readonly pack?: (tar: Buffer) => Buffer
}

const TYPES = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

const digest = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Puts an image into an open registry, by requests of its own, so that no client of ours is trusted. */
export async function publish(
  domain: string,
  name: string,
  tag: string,
  tars: readonly Buffer[],
  { architecture = 'amd64', config = {}, pack = gzipSync }: PublishOptions = {},
): Promise<Published> {
  const blobs = tars.map(pack)
  const layers = blobs.map(blob => ({ mediaType: TYPES.layer, digest: digest(blob), size: blob.length }))
  const rootfs = { type: 'layers', diff_ids: tars.map(digest) }
  const written = Buffer.from(JSON.stringify({ architecture, os: 'linux', config, rootfs, history: [] }))
  for (const blob of [...blobs, written]) await upload(domain, name, blob)
  const manifest = {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: { mediaType: TYPES.config, digest: digest(written), size: written.length },
    layers,
  }
  return { digest: await putManifest(domain, name, tag, manifest), id: digest(written), layers }
}

/** Puts an index over images that are there: platform → digest of its manifest. */
export async function publishIndex(
  domain: string,
  name: string,
  tag: string,
  images: Readonly<Record<string, string>>,
): Promise<string> {
  const manifests: object[] = []
  for (const [platform, manifest] of Object.entries(images)) {
    const [os, architecture] = platform.split('/')
    const headers = { accept: TYPES.manifest }
    const there = await fetch(`http://${domain}/v2/${name}/manifests/${manifest}`, { headers })
    const { byteLength: size } = await there.arrayBuffer()
    manifests.push({ mediaType: TYPES.manifest, digest: manifest, size, platform: { os, architecture } })
  }
  return putManifest(domain, name, tag, { schemaVersion: 2, mediaType: TYPES.index, manifests })
}

async function upload(domain: string, name: string, blob: Buffer): Promise<void> {
  const begun = await fetch(`http://${domain}/v2/${name}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(begun.headers.get('location') ?? '', `http://${domain}`)
  location.searchParams.set('digest', digest(blob))
  const put = await fetch(location, { method: 'PUT', body: new Uint8Array(blob) })
  if (put.status !== 201) throw new Error(`upload of ${name}: ${put.status} ${await put.text()}`)
}

async function putManifest(
  domain: string,
  name: string,
  tag: string,
  manifest: { readonly mediaType: string; readonly [field: string]: unknown },
): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(manifest))
  const headers = { 'content-type': manifest.mediaType }
  const address = `http://${domain}/v2/${name}/manifests/${tag}`
  const put = await fetch(address, { method: 'PUT', headers, body: new Uint8Array(bytes) })
  if (put.status !== 201) throw new Error(`manifest of ${name}: ${put.status} ${await put.text()}`)
  return digest(bytes)
}
