import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { lstat, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Docker } from '../../client/index.ts'
import { errnoOf, Failure, failure } from '../../diagnostics/index.ts'
import { type PackedEntry, packTar, plainEntry, readTar } from '../../tar/index.ts'
import { runInContainer } from './run-in-container.ts'

/** What of this machine goes where in a container. */
export interface Copy {
  /** Absolute here. */
  readonly from: string
  /** Absolute in the container. */
  readonly to: string
}

/** Larger files are not read whole into memory. */
const LARGE = 1 << 20
/** Files that are read at once: one after the other would wait for the disk each time. */
const TOGETHER = 32
/** Files that are asked for one by one; of more the folder that they are in is read. */
const ONE_BY_ONE = 64

/**
 * Puts files, folders and links into a container, as `docker compose watch` does: with their modes and times, owned by the user
 * that it runs as. Links are copied as links. What has gone meanwhile is left out.
 */
export async function putCopies(docker: Docker, id: string, copies: readonly Copy[]): Promise<void> {
  await docker.getContainer(id).putArchive(packTar(entriesOf(copies)), { path: '/', copyUIDGID: true })
}

async function* entriesOf(copies: readonly Copy[]): AsyncGenerator<PackedEntry> {
  for (let at = 0; at < copies.length; at += TOGETHER) {
    const some = copies.slice(at, at + TOGETHER)
    for (const entry of await Promise.all(some.map(({ from, to }) => packed(from, to.replace(/^\/+/, '')))))
      if (entry !== undefined) yield entry
  }
}

async function packed(path: string, to: string): Promise<PackedEntry | undefined> {
  try {
    const stats = await lstat(path)
    const name = Buffer.from(to).toString('latin1')
    const common = { name, mode: stats.mode & 0o7777, mtime: Math.floor(stats.mtimeMs / 1000) }
    if (stats.isDirectory()) return { entry: plainEntry({ ...common, type: 'folder', name: `${name}/` }) }
    if (stats.isSymbolicLink()) {
      const linkName = (await readlink(path, { encoding: 'buffer' })).toString('latin1')
      return { entry: plainEntry({ ...common, type: 'symlink', linkName }) }
    }
    if (!stats.isFile()) return undefined
    if (stats.size > LARGE)
      return {
        entry: plainEntry({ ...common, type: 'file', size: stats.size }),
        content: { path: Buffer.from(path) },
      }
    const content = await readFile(path)
    return { entry: plainEntry({ ...common, type: 'file', size: content.length }), content }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** A signal has ended a command whose status is above. */
const SIGNALLED = 128
/** Paths that a message names. */
const NAMED = 3

/**
 * Removes paths in a container that runs, by its own `rm`: the API has nothing for it. False where `rm` was killed, as it is when
 * the container stops. Errors: WATCH_REMOVE.
 */
export async function removeCopies(docker: Docker, id: string, paths: readonly string[]): Promise<boolean> {
  const said: string[] = []
  const command = { command: ['rm', '-rf', '--', ...paths], user: '0' }
  const status = await runInContainer(docker, id, command, line => said.push(line))
  if (status === 0) return true
  if (status > SIGNALLED) return false
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : ''
  throw failure({
    code: 'WATCH_REMOVE',
    summary: `removing ${paths.slice(0, NAMED).join(', ')}${more} in the container: rm ended with status ${status}`,
    ...(said.length === 0 ? {} : { detail: said.join('\n') }),
  })
}

/** Those of the files that a container has otherwise, or not at all, by their content. */
export async function differing(
  docker: Docker,
  id: string,
  root: Copy,
  copies: readonly Copy[],
): Promise<Copy[]> {
  const there = new Map<string, string>()
  if (copies.length > ONE_BY_ONE) await readDigests(docker, id, root.to, there)
  else for (const { to } of copies) await readDigests(docker, id, to, there)
  const different: Copy[] = []
  for (const copy of copies)
    if (!there.has(copy.to) || there.get(copy.to) !== (await digestHere(copy.from))) different.push(copy)
  return different
}

async function readDigests(
  docker: Docker,
  id: string,
  path: string,
  digests: Map<string, string>,
): Promise<void> {
  try {
    const archive = await docker.getContainer(id).getArchive({ path })
    for await (const { entry, content } of readTar(archive)) {
      const inside = Buffer.from(entry.name, 'latin1').toString().split('/').slice(1)
      const name = inside.length === 0 ? path : join(path, ...inside)
      if (entry.type === 'symlink') digests.set(name, `link ${Buffer.from(entry.linkName, 'latin1')}`)
      if (entry.type === 'file') digests.set(name, await digestOf(content))
    }
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'notFound')) throw error
  }
}

async function digestHere(path: string): Promise<string | undefined> {
  try {
    const stats: Stats = await lstat(path)
    if (stats.isSymbolicLink()) return `link ${await readlink(path)}`
    return stats.isFile() ? await digestOf(createReadStream(path)) : undefined
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of content) hash.update(bytes)
  return hash.digest('hex')
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')
}
