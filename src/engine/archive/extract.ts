import { createWriteStream } from 'node:fs'
import { chmod, lchown, link, lutimes, mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Extract, extract, type Header } from 'tar-stream'
import { failure } from '../../diagnostics/index.ts'

const LONGEST_NAME = 4096

/** Content of an entry; what is not read must be let flow. */
type Body = AsyncIterable<unknown> & { resume(): unknown }

/** What a tar was unpacked to. */
export interface Extracted {
  /** Names of all entries, folders with a slash at the end. */
  readonly names: readonly string[]
}

/**
 * Unpacks a tar into an empty folder of our own. Names cannot leave it: `..` is refused, and nothing is written through
 * a link that the tar itself has made. Device nodes are left out. Raises TAR_INVALID.
 */
export async function extractTar(stream: Readable, folder: string): Promise<Extracted> {
  const entries = extract()
  const unpacker = new Unpacker(folder)
  const feeding = feed(stream, entries)
  try {
    for await (const entry of entries) await unpacker.add(entry.header, entry)
    await feeding
  } catch (error) {
    stream.destroy()
    await feeding.catch(() => undefined)
    throw error
  }
  await unpacker.finish()
  return { names: unpacker.names }
}

/** tar-stream's streams are not Node's, so that `pipeline` does not fit. */
async function feed(stream: Readable, entries: Extract): Promise<void> {
  try {
    for await (const chunk of stream) {
      if (entries.destroyed) return
      if (entries.write(chunk)) continue
      await new Promise<void>(resolve => {
        entries.once('drain', () => resolve())
        entries.once('close', () => resolve())
      })
    }
    if (entries.destroyed) return
    entries.end(null)
  } catch (error) {
    entries.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

class Unpacker {
  readonly names: string[] = []
  readonly #folder: string
  readonly #links = new Set<string>()
  /** Times of folders are set last: what is put into them changes them. */
  readonly #folders: { readonly path: string; readonly mtime: Date }[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  async add(header: Header, body: Body): Promise<void> {
    const name = this.#checkName(header.name)
    const path = join(this.#folder, name)
    if (name !== '' && (await this.#make(header, body, name, path))) {
      this.names.push(header.type === 'directory' ? `${name}/` : name)
    }
    body.resume()
  }

  async finish(): Promise<void> {
    for (const { path, mtime } of this.#folders.reverse()) await lutimes(path, mtime, mtime)
  }

  async #make(header: Header, body: Body, name: string, path: string): Promise<boolean> {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
    if (header.type !== 'directory') await rm(path, { recursive: true, force: true })
    switch (header.type) {
      case 'directory':
        await this.#replaceByFolder(name, path)
        this.#folders.push({ path, mtime: header.mtime ?? new Date() })
        break
      case 'file':
      case 'contiguous-file':
        await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
        break
      case 'symlink':
        await symlink(header.linkname ?? '', path)
        this.#links.add(name)
        break
      case 'link':
        await link(join(this.#folder, this.#checkName(header.linkname ?? '')), path)
        return true
      default:
        return false
    }
    await this.#own(header, path)
    return true
  }

  async #replaceByFolder(name: string, path: string): Promise<void> {
    if (this.#links.delete(name)) await rm(path)
    await mkdir(path, { recursive: true })
  }

  async #own(header: Header, path: string): Promise<void> {
    await lchown(path, header.uid ?? 0, header.gid ?? 0)
    // After the change of owner, which clears setuid.
    if (header.type !== 'symlink') await chmod(path, (header.mode ?? 0o644) & 0o7777)
    if (header.mtime !== undefined && header.type !== 'directory')
      await lutimes(path, header.mtime, header.mtime)
  }

  #checkName(given: string): string {
    const parts = given.split('/').filter(part => part !== '' && part !== '.')
    const name = parts.join('/')
    const passesLink = parts.some((_, index) => index > 0 && this.#links.has(parts.slice(0, index).join('/')))
    if (parts.includes('..') || name.includes('\0') || name.length > LONGEST_NAME || passesLink) {
      throw failure({
        code: 'TAR_INVALID',
        kind: 'invalidArgument',
        summary: `tar entry ${JSON.stringify(given.slice(0, 200))} would leave the folder that it is unpacked to`,
      })
    }
    return name
  }
}
