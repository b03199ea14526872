import { readFileSync, realpathSync } from 'node:fs'
import { parseMountinfo } from '../../linux/mountinfo.ts'
import { type Native, nativeErrorOf } from '../../native/index.ts'
import type { UserNamespace } from '../runtime/index.ts'

/** Errors of mount_setattr(2) that say that a file system knows no maps, or has one. */
const REFUSALS = new Set(['EINVAL', 'EPERM', 'ENOTSUP'])

const readOwnMounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8')

/** Which folders and files of the host can be mounted with other ids. */
export class MappableSources {
  readonly #native: Native
  readonly #readMounts: () => string
  readonly #known = new Map<string, Promise<boolean>>()
  #mounts = ''
  /** Of paths, while nothing is mounted or unmounted. */
  readonly #keys = new Map<string, string>()

  constructor(native: Native, readMounts: () => string = readOwnMounts) {
    this.#native = native
    this.#readMounts = readMounts
  }

  /** Whether the mount that a source is in, and those below it, take a map: asked of each set of them once, as long as they are there. */
  takesMap(source: string, namespace: () => Promise<UserNamespace>): Promise<boolean> {
    const mounts = this.#readMounts()
    if (mounts !== this.#mounts) this.#forgetGone(mounts)
    const key = this.#keyOf(realpathSync(source))
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const asked = this.#ask(source, namespace)
    this.#known.set(key, asked)
    asked.catch(() => this.#known.delete(key))
    return asked
  }

  #keyOf(path: string): string {
    const key = this.#keys.get(path) ?? mountsOf(path, this.#mounts).join('\n')
    this.#keys.set(path, key)
    return key
  }

  /** The numbers of mounts and devices that are gone are given to others, of file systems that answer otherwise. */
  #forgetGone(mounts: string): void {
    const there = new Set(mounts.split('\n'))
    for (const key of this.#known.keys())
      if (key.split('\n').some(line => !there.has(line))) this.#known.delete(key)
    this.#mounts = mounts
    this.#keys.clear()
  }

  async #ask(source: string, namespace: () => Promise<UserNamespace>): Promise<boolean> {
    const { path, pid, startTime } = await namespace()
    try {
      await this.#native.run({
        setup: [{ op: 'openUserns', slot: 0, path, pid, startTime }],
        outside: [{ op: 'openTree', slot: 1, path: source, recursive: true, usernsSlot: 0 }],
      })
      return true
    } catch (error) {
      if (REFUSALS.has(nativeErrorOf(error)?.errno ?? '')) return false
      throw error
    }
  }
}

/** Lines of /proc/self/mountinfo: of the mount that shows at a path of the host, and of those below it. */
export function mountsOf(path: string, mountinfo: string): string[] {
  const lines = mountinfo.split('\n')
  const prefix = path.endsWith('/') ? path : `${path}/`
  let around: { readonly line: string; readonly length: number } | undefined
  const below = lines.filter(line => {
    const [entry] = parseMountinfo(line)
    if (entry === undefined) return false
    const { mountpoint } = entry
    const isAround = prefix.startsWith(mountpoint.endsWith('/') ? mountpoint : `${mountpoint}/`)
    // Of several at one point the last is the one that shows.
    if (isAround && mountpoint.length >= (around?.length ?? 0)) around = { line, length: mountpoint.length }
    return !isAround && mountpoint.startsWith(prefix)
  })
  return around === undefined ? below : [around.line, ...below]
}
