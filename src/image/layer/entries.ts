import { failure } from '../../diagnostics/index.ts'
import { plainEntry, type TarEntry } from '../../tar/index.ts'
import type { LayerNames } from './layer-names.ts'

/** Before the name of what a layer takes away (OCI image specification, layer.md). */
const WHITEOUT = '.wh.'
/** In a folder whose content of the layers below is hidden. */
const OPAQUE = '.wh..wh..opq'
/** Names that AUFS kept for itself, which old images still have. */
const RESERVED = '.wh..wh.'
/** How overlayfs marks a folder that hides what is below (kernel, Documentation/filesystems/overlayfs.rst). */
const OVERLAY_OPAQUE = 'trusted.overlay.opaque'

/**
 * Turns the entries of a layer's tar into those of an overlay's lower folder: a whiteout becomes a device 0/0, an opaque
 * folder gets its attribute, also when it comes after its marker. A whiteout is of the layers below alone: whatever the layer
 * itself has by its name stays, before it or behind it, and a folder hides what is below.
 */
export class LayerEntries {
  /** Bytes of all files and of where symbolic links lead to, hard links counted once, as a Docker Engine counts. */
  size = 0
  /** Entries that a container sees, whiteouts too. */
  count = 0
  /** Of the numbers of owners and groups. */
  highest = 0
  readonly #names: LayerNames
  /** By their paths with links resolved, as the others. */
  readonly #folders = new Map<string, TarEntry>()
  readonly #opaque = new Set<string>()
  readonly #whiteouts = new Set<string>()

  /** `names`: those of the entries before. */
  constructor(names: LayerNames) {
    this.#names = names
  }

  /** Folders that hide what lower layers have in them, relative, sorted; raw bytes as latin1 text. */
  get opaque(): readonly string[] {
    return [...this.#opaque].sort()
  }

  /** What becomes of an entry, whose name is clean. Raises LAYER_INVALID. */
  readonly select = (entry: TarEntry): TarEntry | undefined => {
    const slash = entry.name.lastIndexOf('/')
    const [folder, name] = [entry.name.slice(0, Math.max(slash, 0)), entry.name.slice(slash + 1)]
    if (name === OPAQUE) return this.#hide(folder, entry)
    if (name.startsWith(RESERVED)) return undefined
    if (name.startsWith(WHITEOUT)) return this.#takeAway(folder, name.slice(WHITEOUT.length), entry)
    return this.#add(entry)
  }

  #add(entry: TarEntry): TarEntry {
    this.count += 1
    this.size += bytesOf(entry)
    this.highest = Math.max(this.highest, entry.uid, entry.gid)
    const path = this.#names.resolve(entry.name)
    if (entry.type !== 'folder') {
      this.#forget(path)
      return entry
    }
    if (this.#whiteouts.delete(path)) this.#opaque.add(path)
    this.#folders.set(path, entry)
    return this.#opaque.has(path) ? hiding(entry) : entry
  }

  #hide(folder: string, marker: TarEntry): TarEntry | undefined {
    // The lowest layer of a root hides nothing, and of a layer's own top overlayfs would not read it.
    if (folder === '') return undefined
    const path = this.#names.resolve(folder)
    this.#opaque.add(path)
    const known = this.#folders.get(path) ?? plainEntry({ type: 'folder', name: path, mtime: marker.mtime })
    return hiding({ ...known, name: path })
  }

  #takeAway(folder: string, name: string, marker: TarEntry): TarEntry | undefined {
    if (name === '' || name === '.' || name === '..') throw nothing(marker.name)
    const path = this.#names.resolve(folder === '' ? name : `${folder}/${name}`)
    const kind = this.#names.kindOf(path)
    if (kind === 'folder') return this.#hide(path, marker)
    this.#whiteouts.add(path)
    // What is there covers what is below; a folder that takes its place must hide that, too.
    if (kind === 'other') return undefined
    this.count += 1
    return plainEntry({ type: 'char', name: path, mode: 0, mtime: marker.mtime })
  }

  /** Something else has the name now. */
  #forget(path: string): void {
    this.#whiteouts.delete(path)
    for (const known of [path, ...this.#below(path)]) {
      this.#folders.delete(known)
      this.#opaque.delete(known)
    }
  }

  #below(path: string): readonly string[] {
    if (!this.#folders.has(path) && !this.#opaque.has(path)) return []
    return [...this.#folders.keys(), ...this.#opaque].filter(each => each.startsWith(`${path}/`))
  }
}

/** What an entry counts in the size of its layer. */
export function bytesOf({ type, size, linkName }: TarEntry): number {
  return type === 'symlink' ? linkName.length : size
}

function hiding(folder: TarEntry): TarEntry {
  return { ...folder, xattrs: new Map([...folder.xattrs, [OVERLAY_OPAQUE, 'y']]) }
}

function nothing(name: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'LAYER_INVALID',
    summary: `the whiteout ${JSON.stringify(name)} of a layer takes nothing away`,
  })
}
