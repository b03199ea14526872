import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, Failure, failure } from '../../diagnostics/index.ts'
import { writeFileAtomicSync } from '../../linux/atomic-file.ts'
import { readBootId } from '../../linux/process-identity.ts'
import { acquireLock, type ProcessLock } from '../../linux/process-lock.ts'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import { FIRST_ID, HIGHEST_GROUPS, outsideOfRoot, USERNS_IDS } from '../security/index.ts'

const MOST = Math.floor((HIGHEST_GROUPS - FIRST_ID) / USERNS_IDS)
/** Milliseconds that another engine may take to find a range. */
const PATIENCE = 10_000

/** All engines of the machine write down here what they use; it begins anew with each boot. */
export const RANGES_FOLDER = '/run/tscompose-ids'

interface Claim {
  /** The host's id that is 0 inside. */
  readonly first: number
  /** ROOT of the engine that has it: without that folder its processes have, if there are any. */
  readonly root: string
  readonly group: string
}

interface Claims {
  readonly version: 1
  readonly bootId: string
  readonly claims: readonly Claim[]
}

export interface IdRangesOptions {
  /** `RANGES_FOLDER`. */
  readonly folder: string
  /** ROOT of this engine. */
  readonly root: string
  /** Texts of /etc/subuid and /etc/subgid: what others may use. */
  readonly delegated?: () => readonly string[]
  /** The host's ids that are user 0 of a process now. */
  readonly living?: () => ReadonlySet<number>
}

/**
 * The ranges of 65,536 ids that groups of containers have as their users, each of one group of one engine. Nothing on disk is
 * owned by them, so a range is free as soon as its last container is gone.
 */
export class IdRanges {
  readonly #file: string
  readonly #lock: string
  readonly #root: string
  readonly #delegated: () => readonly string[]
  readonly #living: () => ReadonlySet<number>

  constructor({ folder, root, delegated = delegatedHere, living = livingHere }: IdRangesOptions) {
    this.#file = join(folder, 'ranges.json')
    this.#lock = join(folder, 'lock')
    this.#root = root
    this.#delegated = delegated
    this.#living = living
  }

  /** The first id of the group's range, the same for as long as it is not let go. USERNS_IDS when none is free. */
  claim(group: string): Promise<number> {
    return this.#change(claims => {
      const known = claims.find(claim => claim.root === this.#root && claim.group === group)
      if (known !== undefined) return [claims, known.first]
      const taken = delegatedRanges(this.#delegated())
      const first = Array.from({ length: MOST }, (_, index) => FIRST_ID + index * USERNS_IDS).find(
        each =>
          !claims.some(claim => claim.first === each) &&
          !taken.some(([start, end]) => start < each + USERNS_IDS && each < end),
      )
      if (first === undefined)
        throw failure({ code: 'USERNS_IDS', kind: 'unavailable', summary: 'no range of 65,536 ids is free' })
      return [[...claims, { first, root: this.#root, group }], first]
    })
  }

  /** Lets go of the ranges of this engine's groups that are not `kept`. */
  async releaseOthers(kept: (group: string) => boolean): Promise<void> {
    const isGone = ({ root, group }: Claim): boolean => root === this.#root && !kept(group)
    if (!read(this.#file).some(isGone)) return
    await this.#change(claims => [claims.filter(claim => !isGone(claim)), undefined])
  }

  async #change<T>(change: (claims: readonly Claim[]) => readonly [readonly Claim[], T]): Promise<T> {
    const lock = await waitForLock(this.#lock)
    try {
      const before = this.#held(read(this.#file))
      const [claims, result] = change(before)
      const next: Claims = { version: 1, bootId: readBootId(), claims }
      if (claims !== before)
        writeFileAtomicSync(this.#file, Buffer.from(`${JSON.stringify(next, undefined, 2)}\n`), {
          durable: false,
        })
      return result
    } finally {
      lock.release()
    }
  }

  /** Whoever removes a ROOT with `rm -r` may leave its containers running, whose files others must not get to own. */
  #held(claims: readonly Claim[]): readonly Claim[] {
    if (claims.every(({ root }) => existsSync(root))) return claims
    const living = this.#living()
    return claims.filter(({ root, first }) => existsSync(root) || living.has(first))
  }
}

async function waitForLock(path: string): Promise<ProcessLock> {
  const end = performance.now() + PATIENCE
  for (;;) {
    try {
      return acquireLock(path, held)
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'USERNS_IDS') || performance.now() > end) throw error
      await sleep(5)
    }
  }
}

function held(pid: number): Error {
  const summary = `process ${pid} does not let go of the list of id ranges`
  return failure({ code: 'USERNS_IDS', kind: 'unavailable', summary })
}

/** None of a boot before; one that cannot be read is begun anew, as the kernel begins anew with no process. */
function read(file: string): readonly Claim[] {
  try {
    const { bootId, claims } = JSON.parse(readFileSync(file, 'utf8')) as Claims
    return bootId === readBootId() ? claims : []
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return []
    throw error
  }
}

/** Start and end of each line `name:start:count`. */
function delegatedRanges(texts: readonly string[]): (readonly [number, number])[] {
  return texts.flatMap(text =>
    text.split('\n').flatMap(line => {
      const [, start, count] = line.split(':').map(Number)
      return start === undefined || count === undefined ? [] : [[start, start + count] as const]
    }),
  )
}

function livingHere(): Set<number> {
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return new Set(processes.flatMap(pid => rootOutside(pid) ?? []))
}

function rootOutside(pid: string): number | undefined {
  try {
    return outsideOfRoot(readFileSync(`/proc/${pid}/uid_map`, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}

function delegatedHere(): string[] {
  return ['/etc/subuid', '/etc/subgid'].map(path => readIfThereSync(path) ?? '')
}
