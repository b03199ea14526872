import { createReadStream } from 'node:fs'
import { readdir, rename, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf, Failure, failure, messageOf } from '../../diagnostics/index.ts'
import {
  extractTar,
  type PackedEntry,
  packTar,
  type TarEntry,
  walkFolder,
  withoutWhiteouts,
} from '../../tar/index.ts'
import { withoutLogin } from '../attestations/predicate.ts'
import type { StoreLease } from '../store/lease.ts'
import { fetchKept } from '../transfer/kept-downloads.ts'
import { isArchive } from './archive.ts'
import type { ContextRequest } from './context-request.ts'
import { checkOut, commitOf, gitSourceOf } from './git-source.ts'

/** Puts a context into an empty folder; nothing of one that a client has. */
export async function fillContext(folder: string, request: ContextRequest, lease: StoreLease): Promise<void> {
  const { context } = request
  switch (context.type) {
    case 'empty':
    case 'client':
      return
    case 'address':
      return bringAddress(folder, context.address, request, lease)
    case 'folder':
      return copyFolder(context.path, folder, request)
    case 'tar':
    case 'kept':
      return unpack(folder, context.stream, request)
  }
}

/** A repository's files, what is in an archive, or a single file, which then is the Dockerfile. */
export async function bringAddress(
  folder: string,
  address: string,
  request: Pick<ContextRequest, 'dockerfile' | 'trees' | 'signal' | 'trace'>,
  lease: StoreLease,
): Promise<void> {
  const { trace, signal, dockerfile } = request
  const git = gitSourceOf(address, false)
  await trace.during(`[internal] load remote build context ${withoutLogin(address)}`, async () => {
    if (git !== undefined) {
      await rmdir(folder)
      await checkOut(git, await commitOf(git, signal), folder, signal)
      return
    }
    const path = join(await lease.tempFolder(), 'download')
    await fetchKept(address, {
      folder: await lease.cacheMount(`\0download ${address}`),
      onAsk: () => undefined,
      path,
      ...(signal === undefined ? {} : { signal }),
    })
    if (await isArchive(path)) await unpack(folder, createReadStream(path), request)
    else await rename(path, join(folder, dockerfile))
  })
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
async function unpack(
  folder: string,
  stream: Readable,
  { trees, signal }: Pick<ContextRequest, 'trees' | 'signal'>,
): Promise<void> {
  const itself = `${basename(dirname(folder))}/${basename(folder)}`
  const select = (entry: TarEntry): TarEntry | undefined => {
    if (entry.name.includes(itself)) throw holdsItself(entry.name, itself)
    return withoutWhiteouts({ ...entry, uid: 0, gid: 0, xattrs: new Map() })
  }
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
      ...(error instanceof Failure ? { facts: error.diagnostics[0]?.facts ?? {} } : {}),
      cause: error,
    })
  }
}

/** Whoever packs meets what is being unpacked: without end, if nobody stops it. */
function holdsItself(name: string, itself: string): Error {
  const inside = name.slice(0, name.indexOf(itself)).replace(/\/images\/tmp\/$/, '')
  return failure({
    code: 'CONTEXT_HOLDS_ENGINE',
    kind: 'invalidArgument',
    summary: `the build context holds the folder where its engine keeps images and contexts: "${inside}"`,
    hint: 'list it in .dockerignore',
  })
}
