import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { ImageStore } from '../../image/index.ts'
import type { Native, OutsideOp, Program } from '../../native/index.ts'
import type { UserDatabase } from './user.ts'

/** Longest passwd or group file that is read. */
const MOST_BYTES = 1 << 20
const KEPT = 64
/** In /etc. */
const FILES = ['passwd', 'group'] as const

/**
 * The passwd and group files of images and containers, read beneath their root by the native program: a hostile image
 * cannot make us follow its links or wait at its FIFO. An image never changes, so its files are read once.
 */
export class UserDatabases {
  readonly #native: Native
  readonly #images: Pick<ImageStore, 'layersOf'>
  readonly #byImage = new Map<string, Promise<UserDatabase>>()
  readonly #byLayers = new Map<string, Promise<UserDatabase>>()

  constructor(native: Native, images: Pick<ImageStore, 'layersOf'>) {
    this.#native = native
    this.#images = images
  }

  /** The files as the container sees them at its start: its own writable layer over the image's. */
  async ofContainer(imageId: string, paths: { readonly upper: string }): Promise<UserDatabase> {
    if (!changedEtc(paths.upper)) return await this.ofImage(imageId)
    return await this.ofLayers([paths.upper, ...(await this.#images.layersOf(imageId))])
  }

  /** The files of a root made of these folders, top first. */
  async ofLayers(layers: readonly string[]): Promise<UserDatabase> {
    if (layers.length === 0) return { passwd: '', group: '' }
    const reply = await this.#native.run(readProgram(layers))
    const last = lastOps(layers.length)
    return {
      passwd: reply.results.get(last.passwd)?.toString('utf8') ?? '',
      group: reply.results.get(last.group)?.toString('utf8') ?? '',
    }
  }

  /** The files at a step of a build, whose layers never change; read once for steps between which nobody touched them. */
  ofStep(layers: readonly string[]): Promise<UserDatabase> {
    return kept(this.#byLayers, layersOfEtc(layers).join('\0'), () => this.ofLayers(layers))
  }

  /** The files of an image, before any container has changed them. */
  ofImage(imageId: string): Promise<UserDatabase> {
    return kept(this.#byImage, imageId, async () => this.ofLayers(await this.#images.layersOf(imageId)))
  }
}

function kept(
  known: Map<string, Promise<UserDatabase>>,
  key: string,
  read: () => Promise<UserDatabase>,
): Promise<UserDatabase> {
  const found = known.get(key)
  if (found !== undefined) return found
  const reading = read()
  known.set(key, reading)
  reading.catch(() => known.delete(key))
  const [oldest] = known.keys()
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest)
  return reading
}

/** Layers that have a say in what /etc/passwd and /etc/group are: all of them where a link may lead somewhere else. */
function layersOfEtc(layers: readonly string[]): readonly string[] {
  const withEtc = layers.filter(layer => kindOf(join(layer, 'etc')) !== 'none')
  if (!withEtc.every(isPlainEtc)) return layers
  // Below the lowest that has one of them there is nothing that a folder could hide.
  const lowest = withEtc.findLastIndex(layer =>
    FILES.some(name => kindOf(join(layer, 'etc', name)) === 'file'),
  )
  return withEtc.slice(0, lowest + 1)
}

/** /etc is a folder of the layer, and neither file in it is a link or anything else. */
function isPlainEtc(layer: string): boolean {
  if (kindOf(join(layer, 'etc')) !== 'folder') return false
  return FILES.every(name => ['none', 'file'].includes(kindOf(join(layer, 'etc', name))))
}

/** Whether the writable layer can have changed /etc/passwd or /etc/group: it holds one, or /etc is no plain folder. */
function changedEtc(upper: string): boolean {
  const etc = kindOf(join(upper, 'etc'))
  if (etc === 'none') return false
  return etc !== 'folder' || FILES.some(name => kindOf(join(upper, 'etc', name)) !== 'none')
}

function kindOf(path: string): 'none' | 'folder' | 'file' | 'other' {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return 'none'
    if (stats.isDirectory()) return 'folder'
    return stats.isFile() ? 'file' : 'other'
  } catch (error) {
    // Its folder has become a file since it was looked at.
    if (errnoOf(error) === 'ENOTDIR') return 'none'
    throw error
  }
}

/** Opens the layers, makes a read-only overlay of them when there are several, and reads both files. */
function readProgram(layers: readonly string[]): Program {
  const opens = layers.map((path, slot): OutsideOp => ({ op: 'open', slot, path, kind: 'folder' }))
  const slots = layers.map((_, slot) => slot)
  const root = layers.length === 1 ? 0 : layers.length
  const overlay: OutsideOp[] = layers.length === 1 ? [] : [{ op: 'overlay', slot: root, lowerSlots: slots }]
  const read = (path: string): OutsideOp => ({
    op: 'readFile',
    slot: root,
    path,
    maxBytes: MOST_BYTES,
    optional: true,
  })
  return { outside: [...opens, ...overlay, read('/etc/passwd'), read('/etc/group')] }
}

function lastOps(layers: number): { readonly passwd: number; readonly group: number } {
  const first = layers === 1 ? 1 : layers + 1
  return { passwd: first, group: first + 1 }
}
