import { closeSync, openSync, readFileSync } from 'node:fs'
import { type Diagnostic, errnoOf, failure, messageOf } from '../../diagnostics/index.ts'
import { ownIdentity } from '../../linux/process-identity.ts'
import { firstProcessOf, type Native } from '../../native/index.ts'
import type { RuntimeMount, UserNamespace } from '../runtime/index.ts'
import { idMaps, outsideOfRoot } from '../security/index.ts'
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
 * again by the first process of any container in it.
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
    const running = [...this.#options.containers.values()].find(each => runsIn(each, group))
    const found = running === undefined ? undefined : openOf(running)
    if (found !== undefined) return found
    const first = await this.#options.ranges.claim(group)
    const fd = await this.#options.native.holdUserns({
      // What an image has in it is not known before it is built.
      setup: [{ op: 'createUserns', slot: 0, ...idMaps(first, group === BUILDS) }],
    })
    return { fd, first }
  }
}

function runsIn(container: Container, group: string): boolean {
  const ids = container.record.state.ids
  return container.running && ids !== undefined && 'group' in ids && ids.group === group
}

/** Opens it by the container's first process; undefined where that has ended meanwhile. */
function openOf(container: Container): Held | undefined {
  const status = container.live?.status
  if (status === undefined) return undefined
  const { pid } = firstProcessOf(status)
  try {
    const first = outsideOfRoot(readFileSync(`/proc/${pid}/uid_map`, 'utf8'))
    const fd = openSync(`/proc/${pid}/ns/user`, 'r')
    // Only what is open now and was its own after all.
    if (first !== undefined && first > 0) return { fd, first }
    closeSync(fd)
    return undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw failure({
      code: 'USERNS_IDS',
      kind: 'unavailable',
      summary: `the user namespace of ${container.name} cannot be opened: ${messageOf(error)}`,
      cause: error,
    })
  }
}
