import { failure } from '../../../diagnostics/index.ts'
import type { Abi } from './calls.ts'
import { type Action, ALLOW, type Condition, ENOSYS, type Policy, type Rule } from './policy.ts'

/** The parts of Docker's profile format that we read (moby: profiles/seccomp, OCI: linux.seccomp). */
interface DockerProfile {
  readonly defaultAction?: unknown
  readonly defaultErrnoRet?: unknown
  readonly architectures?: unknown
  readonly archMap?: unknown
  readonly syscalls?: unknown
}

/** What a profile is resolved for. */
export interface ProfileTarget {
  readonly machine: 'x86_64' | 'aarch64'
  /** Names without `CAP_` of the bounding set. */
  readonly capabilities: readonly string[]
  readonly kernel: readonly [number, number]
}

const ABI_NAMES: Readonly<Record<string, Abi>> = {
  SCMP_ARCH_X86_64: 'x86_64',
  SCMP_ARCH_X86: 'i386',
  SCMP_ARCH_AARCH64: 'aarch64',
}

/** Names of architectures in `includes` and `excludes`. */
const GO_NAMES: Readonly<Record<ProfileTarget['machine'], readonly string[]>> = {
  x86_64: ['amd64', 'x86', 'x32'],
  aarch64: ['arm64', 'arm'],
}

const COMPARISONS: Readonly<Record<string, 'ne' | 'lt' | 'le' | 'eq' | 'ge' | 'gt'>> = {
  SCMP_CMP_NE: 'ne',
  SCMP_CMP_LT: 'lt',
  SCMP_CMP_LE: 'le',
  SCMP_CMP_EQ: 'eq',
  SCMP_CMP_GE: 'ge',
  SCMP_CMP_GT: 'gt',
}

/** Reads a user's profile in Docker's JSON format. Fails with `SECCOMP_PROFILE_INVALID`, which names the place. */
export function parseProfile(json: string, target: ProfileTarget): Policy {
  const profile = parseJson(json)
  const refused = parseAction(profile.defaultAction, profile.defaultErrnoRet, 'defaultAction')
  const rows = list(profile.syscalls ?? [], 'syscalls')
  return {
    abis: parseArchitectures(profile, target.machine),
    refused,
    // A call that the profile's author could not know is better absent than forbidden: programs fall back.
    unknown: refused.kind === 'allow' || refused.kind === 'log' ? refused : ENOSYS,
    rules: rows.flatMap((row, index) => parseRow(row, `syscalls[${index}]`, target)),
  }
}

function parseJson(json: string): DockerProfile {
  try {
    return record(JSON.parse(json), 'profile')
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw invalid('profile', `is no JSON: ${error.message}`)
  }
}

/** The native ABI is always there; others only when the profile lists them, as libseccomp does. */
function parseArchitectures(profile: DockerProfile, machine: ProfileTarget['machine']): Abi[] {
  const names = profile.architectures === undefined ? [] : list(profile.architectures, 'architectures')
  const mapped = profile.archMap === undefined ? [] : list(profile.archMap, 'archMap')
  const native = mapped
    .map(entry => record(entry, 'archMap') as { architecture?: unknown; subArchitectures?: unknown })
    .filter(entry => ABI_NAMES[String(entry.architecture)] === machine)
  const sub = native.flatMap(entry => list(entry.subArchitectures ?? [], 'archMap.subArchitectures'))
  const abis = [...names, ...sub].map(name => ABI_NAMES[String(name)])
  const compatible = machine === 'x86_64' && abis.includes('i386')
  return compatible ? [machine, 'i386'] : [machine]
}

function parseRow(value: unknown, place: string, target: ProfileTarget): Rule[] {
  const row = record(value, place) as Record<string, unknown>
  if (!applies(row, place, target)) return []
  const names = row['names'] === undefined ? [row['name']] : list(row['names'], `${place}.names`)
  if (names.some(name => typeof name !== 'string')) throw invalid(`${place}.names`, 'must be a list of names')
  const action = parseAction(row['action'], row['errnoRet'], `${place}.action`)
  const conditions = list(row['args'] ?? [], `${place}.args`).map((argument, index) =>
    parseCondition(argument, `${place}.args[${index}]`),
  )
  return [{ calls: names.map(String), action, ...(conditions.length === 0 ? {} : { conditions }) }]
}

/** `includes` must all hold, of `excludes` none may. */
function applies(row: Record<string, unknown>, place: string, target: ProfileTarget): boolean {
  const includes = record(row['includes'] ?? {}, `${place}.includes`) as Record<string, unknown>
  const excludes = record(row['excludes'] ?? {}, `${place}.excludes`) as Record<string, unknown>
  const arches = (filter: Record<string, unknown>): string[] =>
    list(filter['arches'] ?? [], place).map(String)
  const caps = (filter: Record<string, unknown>): string[] =>
    list(filter['caps'] ?? [], place).map(cap => String(cap).replace(/^CAP_/, ''))
  const here = (name: string): boolean => GO_NAMES[target.machine].includes(name)
  const held = (name: string): boolean => target.capabilities.includes(name)
  return (
    (arches(includes).length === 0 || arches(includes).some(here)) &&
    caps(includes).every(held) &&
    kernelAtLeast(includes['minKernel'], target.kernel) &&
    !arches(excludes).some(here) &&
    !caps(excludes).some(held) &&
    (excludes['minKernel'] === undefined || !kernelAtLeast(excludes['minKernel'], target.kernel))
  )
}

function kernelAtLeast(wanted: unknown, kernel: readonly [number, number]): boolean {
  if (wanted === undefined || wanted === '') return true
  const [major = 0, minor = 0] = String(wanted).split('.').map(Number)
  return kernel[0] > major || (kernel[0] === major && kernel[1] >= minor)
}

function parseAction(value: unknown, errno: unknown, place: string): Action {
  switch (value) {
    case 'SCMP_ACT_ALLOW':
      return ALLOW
    case 'SCMP_ACT_ERRNO':
      if (errno !== undefined && (typeof errno !== 'number' || errno < 0 || errno > 4095))
        throw invalid(place, `has the errno ${JSON.stringify(errno)}, which is not one of 0 to 4095`)
      return { kind: 'errno', errno: typeof errno === 'number' ? errno : 1 }
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
      return { kind: 'killThread' }
    case 'SCMP_ACT_KILL_PROCESS':
      return { kind: 'killProcess' }
    case 'SCMP_ACT_TRAP':
      return { kind: 'trap' }
    case 'SCMP_ACT_TRACE':
      return { kind: 'trace' }
    case 'SCMP_ACT_LOG':
      return { kind: 'log' }
    default:
      throw invalid(place, `is ${JSON.stringify(value)}, which is no action that can be compiled`)
  }
}

function parseCondition(value: unknown, place: string): Condition {
  const argument = record(value, place) as Record<string, unknown>
  const index = argument['index']
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > 5)
    throw invalid(`${place}.index`, 'must be 0 to 5')
  const first = word(argument['value'], `${place}.value`)
  if (argument['op'] === 'SCMP_CMP_MASKED_EQ') {
    return {
      index,
      test: 'maskedEq',
      mask: first,
      value: word(argument['valueTwo'] ?? 0, `${place}.valueTwo`),
    }
  }
  const test = COMPARISONS[String(argument['op'])]
  if (test === undefined) throw invalid(`${place}.op`, `is ${JSON.stringify(argument['op'])}`)
  return { index, test, value: first }
}

function word(value: unknown, place: string): bigint {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalid(place, 'must be a whole number')
  return BigInt.asUintN(64, BigInt(value))
}

function list(value: unknown, place: string): readonly unknown[] {
  if (value === null) return []
  if (!Array.isArray(value)) throw invalid(place, 'must be a list')
  return value
}

function record(value: unknown, place: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(place, 'must be an object')
  return value
}

function invalid(place: string, what: string): Error {
  return failure({
    code: 'SECCOMP_PROFILE_INVALID',
    kind: 'invalidArgument',
    summary: `seccomp profile: ${place} ${what}`,
    hint: 'a profile is JSON in the format of Docker: defaultAction, architectures, syscalls',
  })
}
