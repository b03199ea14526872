import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import type { ImageStore } from '../../image/index.ts'
import type { Native, OutsideOp, Program } from '../../native/index.ts'
import type { UserDatabase } from './user.ts'

/** Longest passwd or group file that is read. */
const MOST_BYTES = 1 << 20
const KEPT = 64

/**
 * The passwd and group files of images and containers, read beneath their root by the native program: a hostile image
 * cannot make us follow its links or wait at its FIFO. An image never changes, so its files are read once.
 */
export class UserDatabases {
  readonly #native: Native
  readonly #images: Pick<ImageStore, 'layersOf'>
  readonly #byImage = new Map<string, Promise<UserDatabase>>()

  constructor(native: Native, images: Pick<ImageStore, 'layersOf'>) {
    this.#native = native
    this.#images = images
  }

  /** The files as the container sees them at its start: its own writable layer over the image's. */
  async ofContainer(imageId: string, paths: { readonly upper: string }): Promise<UserDatabase> {
    if (!changedEtc(paths.upper)) return await this.#ofImage(imageId)
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

  #ofImage(imageId: string): Promise<UserDatabase> {
    const known = this.#byImage.get(imageId)
    if (known !== undefined) return known
    const reading = this.#images.layersOf(imageId).then(layers => this.ofLayers(layers))
    this.#byImage.set(imageId, reading)
    reading.catch(() => this.#byImage.delete(imageId))
    const [oldest] = this.#byImage.keys()
    if (this.#byImage.size > KEPT && oldest !== undefined) this.#byImage.delete(oldest)
    return reading
  }
}

/** Whether the writable layer can have changed /etc/passwd or /etc/group: it holds one, or /etc is no plain folder. */
function changedEtc(upper: string): boolean {
  const etc = kindOf(join(upper, 'etc'))
  if (etc === 'none') return false
  return etc !== 'folder' || ['passwd', 'group'].some(name => kindOf(join(upper, 'etc', name)) !== 'none')
}

function kindOf(path: string): 'none' | 'folder' | 'other' {
  try {
    return lstatSync(path).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return 'none'
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
