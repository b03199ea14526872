import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hexOf } from '../../oci/digest.ts'

/**
 * Where things lie in the store:
 *
 *     layers/<hex of diffID>/fs          the files, as overlay lower folders want them
 *     layers/<hex of diffID>/layer.json  written before the folder gets its name
 *     layers/<hex of diffID>/recipe.gz   of one that came as a tar: what makes that tar again (layer/recipe.ts)
 *     layers/<hex of diffID>/kept/       files that lost their names while it was unpacked
 *     layers/<hex of diffID>/packed.json how registries have it packed
 *     layers/<hex of diffID>/blobs/      its packed bytes by their digest, where they are kept
 *     configs/<hex of image id>.json     OCI config, whose bytes' digest is the image's id
 *     configs/<hex of image id>.retired  of an image that is removed and that containers are made of
 *     facts/<hex of image id>.json       what the id does not cover: manifests, when it was tagged
 *     manifests/<hex of digest>.json     manifests and indexes as they came
 *     references.json                    full reference → image id
 *     cache/<hex of key>.json            what a build step made
 *     cache-mounts/<hex of key>/         folders of RUN --mount=type=cache
 *     empty/                             lower folder of an image without layers: overlay wants one
 *     tmp/<pid>-<start time>-<random>/   half-made things of a living process
 */
export interface StoreLayout {
  readonly root: string
  readonly layers: string
  readonly configs: string
  readonly facts: string
  readonly manifests: string
  readonly references: string
  readonly cache: string
  readonly cacheMounts: string
  readonly empty: string
  readonly temp: string
}

/** The paths of a store, without touching the disk. */
export function layoutOf(root: string): StoreLayout {
  return {
    root,
    layers: join(root, 'layers'),
    configs: join(root, 'configs'),
    facts: join(root, 'facts'),
    manifests: join(root, 'manifests'),
    references: join(root, 'references.json'),
    cache: join(root, 'cache'),
    cacheMounts: join(root, 'cache-mounts'),
    empty: join(root, 'empty'),
    temp: join(root, 'tmp'),
  }
}

/** Makes the folders; 0700, so that nobody but root reaches a setuid file inside a layer. */
export async function ensureLayout(layout: StoreLayout): Promise<void> {
  const { root, layers, configs, facts, manifests, cache, cacheMounts, empty, temp } = layout
  for (const folder of [root, layers, configs, facts, manifests, cache, cacheMounts, empty, temp]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  await chmod(empty, 0o755)
}

/** Folder of a layer; its files are in `fs`. */
export function layerFolder(layout: StoreLayout, diffId: string): string {
  return join(layout.layers, hexOf(diffId))
}

/** The lower folder of a layer. */
export function layerFiles(layout: StoreLayout, diffId: string): string {
  return join(layerFolder(layout, diffId), 'fs')
}
