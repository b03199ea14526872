import { failure } from '../../diagnostics/index.ts'
import type { InsideOp } from '../../native/index.ts'
import type { Rlimit } from './spec.ts'

/** Soft and hard value of one resource; `INFINITY` for none. */
export interface LimitPair {
  readonly soft: bigint
  readonly hard: bigint
}

/** RLIM_INFINITY. */
export const INFINITY: bigint = 2n ** 64n - 1n

/** Resources by Docker's names, with the kernel's numbers (asm-generic/resource.h) and the words of /proc/self/limits. */
const RESOURCES: Readonly<Record<string, readonly [number, string]>> = {
  cpu: [0, 'Max cpu time'],
  fsize: [1, 'Max file size'],
  data: [2, 'Max data size'],
  stack: [3, 'Max stack size'],
  core: [4, 'Max core file size'],
  rss: [5, 'Max resident set'],
  nproc: [6, 'Max processes'],
  nofile: [7, 'Max open files'],
  memlock: [8, 'Max locked memory'],
  as: [9, 'Max address space'],
  locks: [10, 'Max file locks'],
  sigpending: [11, 'Max pending signals'],
  msgqueue: [12, 'Max msgqueue size'],
  nice: [13, 'Max nice priority'],
  rtprio: [14, 'Max realtime priority'],
  rttime: [15, 'Max realtime timeout'],
}

const SYS_RESOURCE = 1n << 24n

/** What a container gets besides the user's wishes; a hard limit of the engine's that is lower stays. */
const DEFAULTS: Readonly<Record<string, LimitPair>> = {
  nofile: { soft: 1_048_576n, hard: 1_048_576n },
  // No core files unless asked for; the hard limit stays, so that a program can ask itself.
  core: { soft: 0n, hard: INFINITY },
  stack: { soft: 8_388_608n, hard: INFINITY },
}

/** The table of /proc/self/limits. */
export function parseLimits(text: string): Readonly<Record<string, LimitPair>> {
  const found = Object.entries(RESOURCES).flatMap(([name, [, words]]) => {
    const line = text.split('\n').find(each => each.startsWith(`${words} `))
    const [soft, hard] = line?.slice(words.length).trim().split(/\s+/) ?? []
    if (soft === undefined || hard === undefined) return []
    return [[name, { soft: parseValue(soft), hard: parseValue(hard) }] as const]
  })
  return Object.fromEntries(found)
}

/**
 * The rlimits of a process: defaults, then the user's. Refuses with `RLIMIT_UNKNOWN`, `RLIMIT_INVALID` (soft above
 * hard) and `RLIMIT_ABOVE_HARD` (above the engine's own, which takes CAP_SYS_RESOURCE), before anything runs.
 */
export function compileRlimits(
  wanted: readonly Rlimit[],
  own: Readonly<Record<string, LimitPair>>,
  capabilities: bigint,
): InsideOp[] {
  const maySurpass = (capabilities & SYS_RESOURCE) !== 0n
  const pairs = new Map(
    Object.entries(DEFAULTS).map(([name, pair]) => [name, maySurpass ? pair : within(pair, own[name])]),
  )
  for (const limit of wanted) {
    const pair = checked(limit)
    if (!maySurpass && pair.hard > (own[limit.name]?.hard ?? INFINITY)) throw aboveHard(limit, own)
    pairs.set(limit.name, pair)
  }
  return [...pairs].map(([name, pair]) => ({ op: 'rlimit', resource: RESOURCES[name]?.[0] ?? 0, ...pair }))
}

/** The kernel's number of a resource that has Docker's name. */
export function resourceOf(name: string): number {
  return RESOURCES[name]?.[0] ?? 0
}

/** A limit that was asked for, with the kernel's number of its resource. */
export interface AskedLimit extends LimitPair {
  readonly name: string
  readonly resource: number
}

/** Limits that were asked for, as the kernel has them. */
export function askedLimits(wanted: readonly Rlimit[]): AskedLimit[] {
  return wanted.map(limit => ({
    name: limit.name,
    resource: RESOURCES[limit.name]?.[0] ?? 0,
    ...checked(limit),
  }))
}

/** Bounds a default by the engine's own hard limit. */
function within(pair: LimitPair, own: LimitPair | undefined): LimitPair {
  if (own === undefined || own.hard >= pair.hard) return pair
  return pair.soft <= own.hard ? { soft: pair.soft, hard: own.hard } : { soft: own.hard, hard: own.hard }
}

function checked(limit: Rlimit): LimitPair {
  if (!Object.hasOwn(RESOURCES, limit.name)) {
    throw failure({
      code: 'RLIMIT_UNKNOWN',
      kind: 'invalidArgument',
      summary: `unknown ulimit ${JSON.stringify(limit.name)}`,
      hint: `known are ${Object.keys(RESOURCES).join(', ')}`,
    })
  }
  const soft = toValue(limit.soft)
  const hard = toValue(limit.hard)
  if (soft > hard) {
    throw failure({
      code: 'RLIMIT_INVALID',
      kind: 'invalidArgument',
      summary: `ulimit ${limit.name}: soft limit ${limit.soft} is above the hard limit ${limit.hard}`,
    })
  }
  return { soft, hard }
}

function aboveHard(limit: Rlimit, own: Readonly<Record<string, LimitPair>>): Error {
  return failure({
    code: 'RLIMIT_ABOVE_HARD',
    kind: 'invalidArgument',
    summary: `ulimit ${limit.name} ${limit.hard} is above the engine's own hard limit ${own[limit.name]?.hard}`,
    hint: 'the engine lacks CAP_SYS_RESOURCE here, so that it cannot raise its limits',
  })
}

function toValue(value: number): bigint {
  return value < 0 ? INFINITY : BigInt(Math.trunc(value))
}

function parseValue(text: string): bigint {
  return text === 'unlimited' ? INFINITY : BigInt(text)
}
