import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Solved, SolvedEntry, SolvedImage } from '../../api/backend/solves.ts'
import {
  type BuiltImage,
  type ImageConfig,
  type ImageStore,
  type MergedTree,
  mergedEntries,
  mergedEntry,
  saveImages,
  type TreeEntry,
} from '../../image/index.ts'
import { bytesOfName, nodePath } from '../../linux/name-text.ts'
import { formatPlatform } from '../../oci/platform.ts'
import { canonicalReference, familiarReference, parseReference } from '../../oci/reference.ts'
import { type PackedEntry, packTar, plainEntry } from '../../tar/index.ts'
import { saidBeside } from './said-beside.ts'

/** What stands behind the results that are handed out. */
const made = new WeakMap<Solved, BuiltImage>()

/** What a build made, as the API hands it on. */
export function solvedOf(store: ImageStore, built: BuiltImage): Solved {
  const [first, ...others] = built.configs
  if (first === undefined) throw new Error('a build that made nothing')
  const treeOfFirst = (): Promise<MergedTree> => built.tree(first)
  const solved: Solved = {
    images: [
      imageOf(first, built.facts[0]),
      ...others.map((config, at) => imageOf(config, built.facts[at + 1])),
    ],
    keep: async names => {
      const { imageId } = await built.keep(names)
      return { id: imageId, names: names.map(name => canonicalReference(parseReference(name))) }
    },
    entries: () => entriesOf(built),
    tar: () => packTar(packedEntries(built)),
    archive: (names, attested) => archiveOf(store, built, names, attested),
    read: async path => {
      const found = await (await treeOfFirst()).find(path)
      return found?.stats.isFile() ? await readFile(nodePath(found.hostPath)) : undefined
    },
    stat: async path => {
      const tree = await treeOfFirst()
      const entry = await mergedEntry(tree, relative(await tree.resolve(path)))
      return entry === undefined ? undefined : entryOf(entry)
    },
    list: async path => {
      const tree = await treeOfFirst()
      const folder = relative(await tree.resolve(path))
      const names = await tree.list(path)
      const found = await Promise.all(
        names.map(name => mergedEntry(tree, folder === '' ? name : `${folder}/${name}`)),
      )
      return found.flatMap(entry =>
        entry === undefined ? [] : [entryOf({ ...entry, path: lastOf(entry.path) })],
      )
    },
    during: (name, work) => built.during(name, work),
    exportCaches: () => built.exportCaches(),
    end: () => built.end(),
  }
  made.set(solved, built)
  return solved
}

function imageOf(config: ImageConfig, facts: BuiltImage['facts'][number] | undefined): SolvedImage {
  const platform = formatPlatform(config)
  return { config, platform, facts: { platform, materials: [], secrets: [], agents: [], ...facts } }
}

/** What a result that was handed out stands for. */
export function builtOf(solved: Solved): BuiltImage {
  const built = made.get(solved)
  if (built === undefined) throw new Error('a result that no build made')
  return built
}

/** An entry, and where its content lies, or what it is. */
interface PlacedEntry extends SolvedEntry {
  readonly content: { readonly hostPath: string } | Buffer
}

async function* entriesOf(built: BuiltImage): AsyncGenerator<PlacedEntry> {
  for (const { config, prefix } of placesOf(built)) {
    if (prefix !== '') yield folderEntry(prefix)
    for await (const entry of withDocuments(built, config))
      yield prefix === '' ? entry : { ...entry, path: `${prefix}/${entry.path}` }
  }
}

/** The files of one platform, and among them, in their places, the documents that say where they come from. */
async function* withDocuments(built: BuiltImage, config: ImageConfig): AsyncGenerator<PlacedEntry> {
  const mtime = Date.parse(config.created) || 0
  const documents = [...(await saidBeside(built, config))].sort(([a], [b]) => (a < b ? -1 : 1))
  const names = new Set(documents.map(([name]) => name))
  for await (const each of mergedEntries(await built.tree(config))) {
    const entry = entryOf(each)
    const [top = ''] = entry.path.split('/', 1)
    for (let next = documents[0]; next !== undefined && next[0] < top; next = documents[0]) {
      documents.shift()
      yield documentEntry(...next, mtime)
    }
    // A document has the last word on its name.
    if (!names.has(top)) yield entry
  }
  for (const [name, content] of documents) yield documentEntry(name, content, mtime)
}

/** Where the files of each platform go: side by side there are folders for them, sorted. */
function placesOf({
  configs,
}: BuiltImage): readonly { readonly config: ImageConfig; readonly prefix: string }[] {
  const places = configs.map(config => ({
    config,
    prefix: configs.length === 1 ? '' : formatPlatform(config).replaceAll('/', '_'),
  }))
  return places.toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1))
}

function folderEntry(path: string): PlacedEntry {
  const empty = Readable.from([])
  return {
    path,
    kind: 'folder',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0,
    link: '',
    content: Buffer.alloc(0),
    open: () => empty,
  }
}

function documentEntry(path: string, content: Buffer, mtime: number): PlacedEntry {
  const open = (): Readable => Readable.from([content])
  const { length: size } = content
  return { path, kind: 'file', mode: 0o600, uid: 0, gid: 0, size, mtime, link: '', content, open }
}

function entryOf({ path, kind, stats, hostPath, link }: TreeEntry): PlacedEntry {
  return {
    content: { hostPath },
    path: bytesOfName(path).toString('latin1'),
    kind,
    link: bytesOfName(link).toString('latin1'),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: kind === 'file' ? stats.size : 0,
    mtime: stats.mtimeMs,
    open: () => createReadStream(nodePath(hostPath)),
  }
}

async function* packedEntries(built: BuiltImage): AsyncGenerator<PackedEntry> {
  for await (const { path, kind, mode, uid, gid, size, mtime, link, content } of entriesOf(built)) {
    const entry = plainEntry({
      type: kind,
      name: kind === 'folder' ? `${path}/` : path,
      linkName: link,
      mode,
      uid,
      gid,
      size,
      mtime: Math.floor(mtime / 1000),
    })
    if (kind !== 'file') yield { entry }
    else if (Buffer.isBuffer(content)) yield { entry, content }
    else yield { entry, content: { path: bytesOfName(content.hostPath) } }
  }
}

async function* archiveOf(
  store: ImageStore,
  built: BuiltImage,
  names: readonly string[],
  attested: boolean,
): AsyncGenerator<Uint8Array> {
  const { imageId, imageIds } = await built.keep([])
  const tags = names.map(name => familiarReference(parseReference(name)))
  const otherPlatforms = imageIds.filter(id => id !== imageId)
  yield* saveImages(store, [{ id: imageId, tags, otherPlatforms, attested }])
}

function relative(path: string): string {
  return path.replace(/^\/+/, '')
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
