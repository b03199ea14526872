import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, errnoOf, failure, messageOf } from '../../diagnostics/index.ts'
import { isAlive, ownIdentity } from '../../linux/process-identity.ts'
import { monitorOf, type Native } from '../../native/index.ts'
import type { RuntimeMount, UserNamespace } from '../runtime/index.ts'
import { idMaps } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { RunIds, UserNamespaceTable } from '../state/user-namespaces.ts'
import type { IdRanges } from './id-ranges.ts'
import { MappableSources } from './mappable-sources.ts'
import { BUILDS, groupOf, PLAIN } from './user-group.ts'
import { type TrialFolders, tryUserNamespace } from './user-namespace-trial.ts'

/** What the namespaces of an engine need of it. */
export interface UserNamespacesOptions {
  readonly native: Native
  readonly ranges: IdRanges
  readonly containers: ContainerTable
  /** Containers have user namespaces here unless they cannot. */
  readonly wanted: boolean
  readonly trial: TrialFolders
  /** Hears once why no container has one. */
  readonly warn: (warning: Diagnostic) => void
}

/** How many namespaces of groups without a container are kept: whoever runs one container after the other finds his again. */
const MOST_UNUSED = 8

interface Held {
  /** Descriptor of this process. */
  readonly fd: number
  readonly first: number
}

/**
 * The user namespaces of groups of containers. This process holds each by a descriptor, and so does the monitor of every
 * container that is in it: the kernel drops it with the last of them. An engine that follows one that was killed opens it
 * again by the monitor of any container in it.
 */
export class UserNamespaces implements UserNamespaceTable {
  readonly #options: UserNamespacesOptions
  readonly #held = new Map<string, Promise<Held>>()
  readonly #mappable: MappableSources
  #refusal: Promise<RunIds | undefined> | undefined

  constructor(options: UserNamespacesOptions) {
    this.#options = options
    this.#mappable = new MappableSources(options.native)
  }

  refusal(): Promise<RunIds | undefined> {
    this.#refusal ??= this.#try()
    return this.#refusal
  }

  async of(group: string): Promise<UserNamespace> {
    let held = this.#held.get(group)
    if (held === undefined) {
      const made = this.#open(group)
      made.catch(() => this.#held.delete(group))
      this.#held.set(group, made)
      held = made
    }
    const { fd, first } = await held
    const { pid, startTime } = ownIdentity()
    return { path: `/proc/${pid}/fd/${fd}`, pid, startTime, first }
  }

  async unmappable(mounts: readonly RuntimeMount[]): Promise<string | undefined> {
    for (const mount of mounts) {
      if (mount.kind !== 'bind' && mount.kind !== 'volume') continue
      if (!(await this.#mappable.takesMap(mount.source, () => this.of(BUILDS)))) return mount.source
    }
    return undefined
  }

  async sweep({ all = false }: { readonly all?: boolean } = {}): Promise<void> {
    const groups = new Set([...this.#options.containers.values()].map(groupOf))
    // Those of no project, and steps of builds, come at any time.
    const isUnused = (group: string): boolean => !groups.has(group) && group !== BUILDS && group !== PLAIN
    const unused = [...this.#held.keys()].filter(isUnused)
    // An engine that ends lets go of all: monitors hold them.
    const going = all ? [...this.#held.keys()] : unused.slice(0, Math.max(0, unused.length - MOST_UNUSED))
    for (const group of going) {
      const held = this.#held.get(group)
      this.#held.delete(group)
      if (held !== undefined) closeSync((await held).fd)
    }
    await this.#options.ranges.releaseOthers(group => groups.has(group) || this.#held.has(group))
  }

  async #try(): Promise<RunIds | undefined> {
    if (!this.#options.wanted) return { reason: 'this engine was told so', asked: true }
    try {
      await tryUserNamespace(this.#options.native, this.#options.trial, await this.of(BUILDS))
      return undefined
    } catch (error) {
      const reason = `this machine refuses: ${messageOf(error)}`
      const summary = `containers run with the host's users, not in user namespaces: ${reason}`
      this.#options.warn({ severity: 'warning', code: 'USERNS_HOST', summary })
      return { reason, ofMachine: true }
    }
  }

  async #open(group: string): Promise<Held> {
    for (const container of this.#options.containers.values()) {
      const found = openOf(container, group)
      if (found !== undefined) return found
    }
    const first = await this.#options.ranges.claim(group)
    const fd = await this.#options.native.holdUserns({
      // What an image has in it is not known before it is built.
      setup: [{ op: 'createUserns', slot: 0, ...idMaps(first, group === BUILDS) }],
    })
    return { fd, first }
  }
}

/**
 * Opens it by the monitor of a container that is in it, which holds it between two runs, too; undefined where that is in another one, or
 * has ended meanwhile.
 */
function openOf({ active, live, name, record }: Container, group: string): Held | undefined {
  const { ids } = record.state
  if (!active || live?.status === undefined) return undefined
  if (ids === undefined || !('group' in ids) || ids.group !== group) return undefined
  const monitor = monitorOf(live.status)
  try {
    const path = userNamespaceFile(monitor.pid)
    if (path === undefined) return undefined
    const fd = openSync(path, 'r')
    // Only what is open now and was its own after all.
    if (isAlive(monitor)) return { fd, first: ids.first }
    closeSync(fd)
    return undefined
  } catch (error) {
    if (hasGone(error)) return undefined
    throw failure({
      code: 'USERNS_IDS',
      kind: 'unavailable',
      summary: `the user namespace of ${name} cannot be opened: ${messageOf(error)}`,
      cause: error,
    })
  }
}

/** The descriptor of a monitor that is of a user namespace: it has one at most. */
function userNamespaceFile(pid: number): string | undefined {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder)
    .map(name => join(folder, name))
    .find(isUserNamespace)
}

/** Not that of a descriptor which was closed since they were listed. */
function isUserNamespace(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('user:[')
  } catch (error) {
    if (hasGone(error)) return false
    throw error
  }
}

/** A process, or a descriptor of one. */
function hasGone(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH'
}
