import { mkdir, readdir, rm, rmdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf, Failure, failure, messageOf } from '../../diagnostics/index.ts'
import {
  extractTar,
  type IgnoreRules,
  ignoreRules,
  type PackedEntry,
  packTar,
  type TarEntry,
  walkFolder,
  withoutWhiteouts,
} from '../../tar/index.ts'
import { MergedTree } from '../layer/merged-tree.ts'
import type { TreeOperations } from '../layer/trees.ts'
import type { StoreLease } from '../store/lease.ts'
import { takeParts } from './further-contexts.ts'
import type { BuildContext, FurtherContext } from './options.ts'

/** The context of a build: the builder's own copy, without what .dockerignore names. */
export interface LoadedContext {
  readonly folder: string
  readonly tree: MergedTree
  /** Text of the Dockerfile and its name in diagnostics. */
  readonly dockerfile: string
  readonly file: string
  /** Further contexts by name; none is a part of this one any more. */
  readonly contexts: Readonly<Record<string, FurtherContext>>
  /** Whether .dockerignore hides a path, for hints. */
  readonly isIgnored: (path: string) => boolean
  /** Digest of what lies at a path of the tree without links, where it is known without reading. */
  readonly digest?: (path: string) => Promise<string>
}

const MAX_DOCKERFILE = 4 * 1024 * 1024

/** What a context is loaded from. */
export interface ContextRequest {
  readonly context: BuildContext
  readonly contexts: Readonly<Record<string, FurtherContext>> | undefined
  readonly dockerfile: string
  readonly dockerfileText: string | undefined
  readonly trees: TreeOperations
  readonly signal: AbortSignal | undefined
}

/** Unpacks or copies a context into a folder of the lease, reads the Dockerfile and applies .dockerignore. */
export async function loadContext(request: ContextRequest, lease: StoreLease): Promise<LoadedContext> {
  const folder = join(await lease.tempFolder(), 'context')
  await mkdir(folder, { mode: 0o755 })
  await fill(folder, request)
  const contexts = await takeParts(request.contexts, folder, lease)
  const tree = treeOf(folder)
  const file = request.dockerfile
  const text = request.dockerfileText ?? (await tree.readText(file, MAX_DOCKERFILE))
  if (text === undefined) throw noDockerfile(file)
  const rules =
    (await tree.readText(`${file}.dockerignore`, MAX_DOCKERFILE)) ??
    (await tree.readText('.dockerignore', MAX_DOCKERFILE))
  const ignore = ignoreRules(rules)
  const loaded = { dockerfile: text, file, contexts, isIgnored: ignore.isIgnored }
  if (request.context.type === 'kept') {
    const { folder, digest } = request.context.kept
    return { ...loaded, folder, tree: treeOf(folder), digest }
  }
  if (rules !== undefined) await removeIgnored(Buffer.from(folder), '', ignore)
  return { ...loaded, folder, tree }
}

function treeOf(folder: string): MergedTree {
  return new MergedTree([{ folder, opaque: [] }])
}

async function fill(folder: string, request: ContextRequest): Promise<void> {
  const { context } = request
  switch (context.type) {
    case 'empty':
      return
    case 'folder':
      return copyFolder(context.path, folder, request)
    case 'tar':
    case 'kept':
      return unpack(folder, context.stream, request)
  }
}

/** A folder goes the way of an archive: there is one. */
async function copyFolder(from: string, to: string, request: ContextRequest): Promise<void> {
  try {
    await readdir(from)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error
    throw failure({
      code: 'CONTEXT_MISSING',
      kind: 'invalidArgument',
      summary: `build context "${from}" is missing`,
      cause: error,
    })
  }
  await unpack(to, packTar(contentOf(from)), request)
}

async function* contentOf(folder: string): AsyncGenerator<PackedEntry> {
  for await (const { entry, path } of walkFolder(folder, { choose: () => 'take', special: true }))
    yield { entry, content: { path } }
}

/** All becomes root's. */
async function unpack(folder: string, stream: Readable, { trees, signal }: ContextRequest): Promise<void> {
  const select = (entry: TarEntry): TarEntry | undefined =>
    withoutWhiteouts({ ...entry, uid: 0, gid: 0, xattrs: new Map() })
  const options = { select, sparse: true, ...(signal === undefined ? {} : { signal }) }
  try {
    await trees.unpack({ root: { type: 'folder', folder }, path: '/' }, sink =>
      extractTar(stream, sink, options),
    )
  } catch (error) {
    signal?.throwIfAborted()
    // What is no Failure is the stream's: it broke off.
    if (error instanceof Failure && !error.code.startsWith('TAR_')) throw error
    throw failure({
      code: 'CONTEXT_UNREADABLE',
      kind: 'invalidArgument',
      summary: 'the build context is not a tar archive that can be unpacked',
      detail: messageOf(error),
      cause: error,
    })
  }
}

/**
 * Removes what the rules name. A folder that is ignored stays as long as something in it is not (`!` patterns), and the
 * others keep their times: what was never sent has not changed them.
 */
async function removeIgnored(folder: Buffer, relative: string, rules: IgnoreRules): Promise<void> {
  const { atime, mtime } = await stat(folder)
  for (const entry of await readdir(folder, { encoding: 'buffer', withFileTypes: true })) {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name])
    const name = `${relative}${entry.name}`
    const isIgnored = rules.isIgnored(name)
    if (entry.isDirectory() && (!isIgnored || rules.mayKeepIn(name))) {
      await removeIgnored(path, `${name}/`, rules)
      if (isIgnored) await removeIfEmpty(path)
    } else if (isIgnored) {
      await rm(path, { recursive: true })
    }
  }
  await utimes(folder, atime, mtime)
}

async function removeIfEmpty(folder: Buffer): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY') throw error
  }
}

function noDockerfile(file: string): Error {
  return failure({
    code: 'DOCKERFILE_MISSING',
    kind: 'invalidArgument',
    summary: `"${file}" is not in the build context`,
    hint: 'name the file by build.dockerfile or --file',
  })
}
