/** Where a copy takes from: a folder of the host, or a root of layers (top first). Paths resolve inside it. */
export type TreeSource =
  | { readonly type: 'folder'; readonly folder: string }
  | { readonly type: 'layers'; readonly layers: readonly string[] }

/** One copy into a root of layers whose changes land in `upper`. */
export interface TreeCopy {
  readonly layers: readonly string[]
  readonly upper: string
  readonly work: string
  readonly source: TreeSource
  /** Items to copy, in order; `from` inside the source, `to` the exact path inside the root. Folders merge. */
  readonly items: readonly { readonly from: string; readonly to: string }[]
  /** Owner of all that is copied and of the parents that are made; kept from the source when absent. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Permission bits of all that is copied; kept from the source when absent. */
  readonly mode?: number
}

/**
 * What the builder does to file trees that Node cannot: extended attributes, nodes, and paths that resolve inside a
 * root. `nativeTrees` (layer/native-trees.ts) does it by programs of the native binary.
 */
export interface TreeOperations {
  copy(request: TreeCopy): Promise<void>
  /** Bytes of a regular file inside a root of layers; undefined when there is none. At most `maxBytes`. */
  readFile(layers: readonly string[], path: string, maxBytes: number): Promise<Uint8Array | undefined>
}
