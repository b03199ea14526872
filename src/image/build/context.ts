import { spawn } from 'node:child_process'
import { cp, lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { diskFull, errnoOf, failure, messageOf, tellsOfFullDisk } from '../../diagnostics/index.ts'
import { LayerView } from '../layer/view.ts'
import type { StoreSession } from '../store/session.ts'
import { ignoreRules } from './ignore.ts'
import type { BuildContext } from './options.ts'
import { peek } from './peek.ts'

/** The context of a build: the builder's own copy, without what .dockerignore names. */
export interface LoadedContext {
  readonly folder: string
  readonly view: LayerView
  /** Text of the Dockerfile and its name in diagnostics. */
  readonly dockerfile: string
  readonly file: string
  /** Whether .dockerignore hides a path, for hints. */
  readonly isIgnored: (path: string) => boolean
}

const MAX_DOCKERFILE = 4 * 1024 * 1024
const GZIP = Buffer.from([0x1f, 0x8b])

/** What a context is loaded from. */
export interface ContextRequest {
  readonly context: BuildContext
  readonly dockerfile: string
  readonly dockerfileText: string | undefined
  readonly signal: AbortSignal | undefined
}

/** Unpacks or copies a context into the session, reads the Dockerfile and applies .dockerignore. */
export async function loadContext(request: ContextRequest, session: StoreSession): Promise<LoadedContext> {
  const folder = join(await session.tempFolder(), 'context')
  await mkdir(folder, { mode: 0o755 })
  await fill(folder, request)
  const view = new LayerView([{ folder, opaque: [] }])
  const file = request.dockerfile
  const text = request.dockerfileText ?? (await view.readText(file, MAX_DOCKERFILE))
  if (text === undefined) throw noDockerfile(file)
  const rules =
    (await view.readText(`${file}.dockerignore`, MAX_DOCKERFILE)) ??
    (await view.readText('.dockerignore', MAX_DOCKERFILE))
  const isIgnored = ignoreRules(rules)
  if (rules !== undefined) await removeIgnored(folder, '', isIgnored)
  return { folder, view, dockerfile: text, file, isIgnored }
}

async function fill(folder: string, { context, signal }: ContextRequest): Promise<void> {
  switch (context.type) {
    case 'empty':
      return
    case 'folder':
      return copyFolder(context.path, folder)
    case 'tar':
      return unpack(folder, context.stream, signal)
  }
}

/** Sockets, FIFOs and devices have no place in a context; Docker's clients leave them out as well. */
async function copyFolder(from: string, to: string): Promise<void> {
  try {
    await cp(from, to, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: async path => isPlain(await lstat(path)),
    })
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    throw failure({
      code: 'CONTEXT_MISSING',
      kind: 'invalidArgument',
      summary: `build context "${from}" is missing`,
      cause: error,
    })
  }
}

function isPlain(stats: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): boolean {
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink()
}

/** GNU tar refuses `..`, strips leading slashes and never writes through a symlink of the archive. */
async function unpack(
  folder: string,
  stream: NodeJS.ReadableStream,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { head, rest, brokeOff } = await peek(stream, GZIP.length)
  const args = [
    '--extract',
    '--file=-',
    '--no-same-owner',
    '--preserve-permissions',
    '--delay-directory-restore',
  ]
  const tar = spawn('tar', [...args, '--warning=no-timestamp'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  })
  let stderr = ''
  tar.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-2000)
  })
  const exited = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject)
    tar.once('close', resolve)
  })
  const fed = head.equals(GZIP) ? pipeline(rest, createGunzip(), tar.stdin) : pipeline(rest, tar.stdin)
  // tar closes its stdin at the end of the archive; what follows is padding. Its exit code decides, unless the stream
  // itself broke off: an archive cut between two entries looks whole to tar.
  const [code, problem] = await Promise.all([
    exited,
    fed.then(
      () => undefined,
      error => error as Error,
    ),
  ])
  if (code !== 0) throw unreadable(stderr, problem)
  const broken = brokeOff() ?? (errnoOf(problem)?.startsWith('Z_') ? problem : undefined)
  if (broken !== undefined) throw unreadable(messageOf(broken), broken)
  await removeSpecial(folder)
}

/** Devices and the like that an archive may carry. */
async function removeSpecial(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await removeSpecial(path)
    else if (!isPlain(entry)) await rm(path)
  }
}

/** A folder that is ignored stays as long as something in it is not (`!` patterns). */
async function removeIgnored(
  root: string,
  relative: string,
  isIgnored: (path: string) => boolean,
): Promise<void> {
  for (const entry of await readdir(join(root, relative), { withFileTypes: true })) {
    const path = relative === '' ? entry.name : `${relative}/${entry.name}`
    if (entry.isDirectory()) {
      await removeIgnored(root, path, isIgnored)
      if (isIgnored(path)) await removeIfEmpty(join(root, path))
    } else if (isIgnored(path)) {
      await rm(join(root, path))
    }
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
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

function unreadable(detail: string, cause: unknown): Error {
  if (tellsOfFullDisk(detail))
    return diskFull('the build context cannot be unpacked: no space left on device', cause, detail)
  return failure({
    code: 'CONTEXT_UNREADABLE',
    kind: 'invalidArgument',
    summary: 'the build context is not a tar archive that can be unpacked',
    detail,
    cause,
  })
}
