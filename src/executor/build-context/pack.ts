import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import type { IgnoreRules } from './ignore.ts'

/** A file that is in the tar but not in the context: a Dockerfile from elsewhere. */
export interface ExtraFile {
  readonly name: string
  readonly content: string
}

/**
 * A context folder as a tar: sorted, owned by root, so that the same folder always gives the same bytes but for times.
 * Sockets and devices are left out, as Docker does.
 */
export function packContext(folder: string, rules: IgnoreRules, extra: readonly ExtraFile[]): Readable {
  const archive = pack()
  const fill = async (): Promise<void> => {
    for (const { name, content } of extra) archive.entry({ name, mode: 0o644, mtime: new Date(0) }, content)
    await addFolder(archive, folder, '', rules)
    archive.finalize()
  }
  fill().catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error), { cause: error })),
  )
  // The archive is not one of Node's own streams, which the client wants.
  return Readable.from(archive, { objectMode: false })
}

async function addFolder(archive: Pack, folder: string, below: string, rules: IgnoreRules): Promise<void> {
  for (const name of (await readdir(join(folder, below))).sort()) {
    const path = below === '' ? name : `${below}/${name}`
    const stat = await lstat(join(folder, path))
    const isIgnored = rules.isIgnored(path)
    if (stat.isDirectory()) {
      if (isIgnored && rules.isPrunable) continue
      if (!isIgnored) archive.entry({ ...headerOf(path, stat), type: 'directory' })
      await addFolder(archive, folder, path, rules)
    } else if (!isIgnored) await addFile(archive, folder, path, stat)
  }
}

async function addFile(archive: Pack, folder: string, path: string, stat: Stats): Promise<void> {
  const source = join(folder, path)
  const header = headerOf(path, stat)
  if (stat.isSymbolicLink()) archive.entry({ ...header, type: 'symlink', linkname: await readlink(source) })
  else if (stat.isFile()) await addContent(archive, source, { ...header, size: stat.size })
}

/** The size is told before the bytes: what is appended meanwhile (a log) is left out, what is cut off is a failure. */
async function addContent(
  archive: Pack,
  source: string,
  header: FileHeader & { size: number },
): Promise<void> {
  if (header.size === 0) {
    archive.entry(header, '')
    return
  }
  await pipeline(contentOf(source, header.size), archive.entry(header))
}

/** Exactly `size` bytes of a file. It fails before the archive sees its end, which would not know the file's name. */
async function* contentOf(source: string, size: number): AsyncGenerator<Buffer> {
  let left = size
  try {
    for await (const chunk of createReadStream(source, { end: size - 1 })) {
      left -= chunk.length
      yield chunk
    }
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? changed(source, error) : error
  }
  if (left > 0) throw changed(source, undefined)
}

function changed(path: string, cause: unknown): Error {
  return failure({
    kind: 'conflict',
    code: 'CONTEXT_CHANGED',
    summary: `"${path}" changed while the build context was packed`,
    hint: 'build again when nothing writes to it, or list it in .dockerignore',
    cause,
  })
}

interface FileHeader {
  readonly name: string
  readonly mode: number
  readonly mtime: Date
  readonly uid: number
  readonly gid: number
}

function headerOf(path: string, stat: Stats): FileHeader {
  return { name: path, mode: stat.mode & 0o7777, mtime: stat.mtime, uid: 0, gid: 0 }
}
