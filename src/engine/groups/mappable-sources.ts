import { readFileSync, statSync } from 'node:fs'
import { type Native, nativeErrorOf } from '../../native/index.ts'
import type { UserNamespace } from '../runtime/index.ts'

/** Errors of mount_setattr(2) that say that a file system knows no maps, or has one. */
const REFUSALS = new Set(['EINVAL', 'EPERM', 'ENOTSUP'])

/** Which folders and files of the host can be mounted with other ids. */
export class MappableSources {
  readonly #native: Native
  readonly #known = new Map<string, Promise<boolean>>()

  constructor(native: Native) {
    this.#native = native
  }

  /** Whether the file systems that a source is on, and those mounted below it, take a map: asked of each set of them once. */
  takesMap(source: string, namespace: () => Promise<UserNamespace>): Promise<boolean> {
    const below = mountedBelow(source, readFileSync('/proc/self/mountinfo', 'utf8'))
    const key = [statSync(source).dev, ...below].join(' ')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const asked = this.#ask(source, namespace)
    this.#known.set(key, asked)
    asked.catch(() => this.#known.delete(key))
    return asked
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

/** Devices (`major:minor`) of what is mounted below a path of the host, by the text of /proc/self/mountinfo; sorted, each once. */
export function mountedBelow(path: string, mountinfo: string): string[] {
  const prefix = path.endsWith('/') ? path : `${path}/`
  const devices = mountinfo.split('\n').flatMap(line => {
    const [, , device, , place] = line.split(' ')
    return device !== undefined && place !== undefined && unescaped(place).startsWith(prefix) ? [device] : []
  })
  return [...new Set(devices)].sort()
}

/** Blanks and the like are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
