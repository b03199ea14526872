import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, Failure, failure } from '../../diagnostics/index.ts'
import { writeFileAtomicSync } from '../../linux/atomic-file.ts'
import { readBootId } from '../../linux/process-identity.ts'
import { acquireLock, type ProcessLock } from '../../linux/process-lock.ts'
import { USERNS_IDS } from '../runtime/index.ts'

/**
 * Where the ranges begin: beyond what logins, /etc/subuid and containers of systemd take (up to 1,879,048,191), and below
 * the users of relays (2,100,000,000) and systemd's foreign images.
 */
const FIRST = 1_879_048_192
/** Above all ranges: one group a range, see `idMaps`. */
const HIGHEST_GROUPS = 2_099_990_000
const MOST = Math.floor((HIGHEST_GROUPS - FIRST) / USERNS_IDS)
/** The largest group that Docker lets use ping sockets. */
const LAST_GROUP = 2_147_483_647
/** The group of terminals, as all distributions have it and devpts is told. */
const TERMINALS = 5
/** Milliseconds that another engine may take to find a range. */
const PATIENCE = 10_000

/** All engines of the machine write down here what they use; it begins anew with each boot. */
export const RANGES_FOLDER = '/run/tscompose-ids'

interface Claim {
  /** The host's id that is 0 inside. */
  readonly first: number
  /** ROOT of the engine that has it: without that folder nobody has. */
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

  constructor({ folder, root, delegated = delegatedHere }: IdRangesOptions) {
    this.#file = join(folder, 'ranges.json')
    this.#lock = join(folder, 'lock')
    this.#root = root
    this.#delegated = delegated
  }

  /** The first id of the group's range, the same for as long as it is not let go. USERNS_IDS when none is free. */
  claim(group: string): Promise<number> {
    return this.#change(claims => {
      const known = claims.find(claim => claim.root === this.#root && claim.group === group)
      if (known !== undefined) return [claims, known.first]
      const taken = delegatedRanges(this.#delegated())
      const first = Array.from({ length: MOST }, (_, index) => FIRST + index * USERNS_IDS).find(
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
      const before = read(this.#file).filter(({ root }) => existsSync(root))
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
}

/**
 * The maps of a user namespace. Two groups are not of the range: that of terminals is the host's own, for devpts tells its number as
 * the host has it, and nothing of the host's can be reached by it; and there is one more than there are users, without which the
 * range of those who may ping, which Docker opens to all, could not be said inside.
 */
export function idMaps(first: number): {
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
} {
  const ids = (inside: number, end: number): IdRange => ({
    inside,
    outside: first + inside,
    count: end - inside,
  })
  const last = HIGHEST_GROUPS + (first - FIRST) / USERNS_IDS
  return {
    uidMap: [ids(0, USERNS_IDS)],
    gidMap: [
      ids(0, TERMINALS),
      { inside: TERMINALS, outside: TERMINALS, count: 1 },
      ids(TERMINALS + 1, USERNS_IDS),
      { inside: LAST_GROUP, outside: last, count: 1 },
    ],
  }
}

interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
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

function delegatedHere(): string[] {
  return ['/etc/subuid', '/etc/subgid'].map(path => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return ''
      throw error
    }
  })
}
