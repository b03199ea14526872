import type { TreeSink } from '../../tar/index.ts'

/** Where a copy takes from: a folder of the host, or a root of layers (top first). Paths resolve inside it. */
export type TreeSource =
  | { readonly type: 'folder'; readonly folder: string }
  | { readonly type: 'layers'; readonly layers: readonly string[] }

/** One thing to copy. */
export interface TreeItem {
  /** Inside the source; a folder's content is merged into the target folder. */
  readonly from: string
  /** The exact path inside the root; folders above it are made. */
  readonly to: string
}

/** One change of a root of layers, which lands in `upper`. */
export interface TreeCopy {
  /** Lower folders, top first, at least one. */
  readonly layers: readonly string[]
  readonly upper: string
  readonly work: string
  /** Absent when only folders are made. */
  readonly source?: TreeSource
  /** Folders to ensure before anything is copied, with all above them. */
  readonly folders: readonly string[]
  readonly items: readonly TreeItem[]
  /** Owner of all that is copied and of the folders that are made; absent: the source's, and root. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Permission bits of all that is copied and of the folders that are made; the source's and 0755 when absent. */
  readonly mode?: number
}

/** Where an archive is unpacked to. */
export interface TreeUnpack {
  /** A folder of the host, or a root of layers (top first) whose changes land in `upper`. */
  readonly root:
    | { readonly type: 'folder'; readonly folder: string }
    | {
        readonly type: 'layers'
        readonly layers: readonly string[]
        readonly upper: string
        readonly work: string
      }
  /** The folder inside the root; made when missing, with all above it. */
  readonly path: string
  /** Owner of all entries and of the folders that are made; absent: as the archive has them, and root. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly mode?: number
}

/**
 * What the builder does to file trees that Node cannot: extended attributes, and paths that resolve inside a root.
 * `nativeTrees` (layer/native-trees.ts) does it by programs of the native binary.
 */
export interface TreeOperations {
  copy(request: TreeCopy): Promise<void>
  /** Unpacks what `fill` reads of an archive. */
  unpack(request: TreeUnpack, fill: (sink: TreeSink) => Promise<void>): Promise<void>
  /** Waits until the disk has all that was written to the filesystem of a folder. */
  sync(folder: string): Promise<void>
}
