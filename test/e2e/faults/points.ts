// Where a start is made to fail, of all the system calls that it makes.
import type { Call, Fault } from './injector.ts'

/** How much is tried: one call of each name, in every run of the tests; each place of the program once; each call of each start. */
export type Thoroughness = 'names' | 'places' | 'calls'

const ASKED: Readonly<Record<string, Thoroughness>> = { 1: 'places', all: 'calls' }

/** As `TSCOMPOSE_TEST_FAULTS` says. */
export const THOROUGHNESS: Thoroughness = ASKED[process.env['TSCOMPOSE_TEST_FAULTS'] ?? ''] ?? 'names'

/** Not tried in every run: of the C library's beginning, and those that nothing depends on. */
const DULL =
  /^(arch_prctl|brk|close|getpid|getrandom|getsockopt|mmap|mprotect|prlimit64|readlink|rseq|rt_sigaction|set_robust_list|set_tid_address|umask)$/
/** Of the others, where a process is killed in every run. */
const TURNING_POINTS = /mount|clone|pivot|setns|exec|bind|seccomp/
/** After these there is something more to clear away, or somebody else knows of it: between two of them each death is the same. */
const CHANGES =
  /mount|clone|fork|mk(dir|nod)|open_tree|fsconfig|send|write|rename|link|bind|listen|setns|unshare|pivot|exec|socket|flock|truncate|memfd/

/** The points of several starts that share most of their way: what one has tried stands for the others. */
export class Points {
  readonly #thoroughness: Thoroughness
  readonly #tried = new Set<string>()

  constructor(thoroughness: Thoroughness) {
    this.#thoroughness = thoroughness
  }

  /** Of the calls that a start makes those where it is to have a fault. `start` names it. */
  of(start: string, calls: readonly Call[], fault: Fault): Call[] {
    const own = byProcess(calls)
    return calls.filter(call => {
      const names = own.get(call.process) ?? []
      if (!this.#isWorth(call, names, fault)) return false
      const place = `${fault} ${this.#placeOf(start, call, names)}`
      return !this.#tried.has(place) && this.#tried.add(place)
    })
  }

  #isWorth({ name, call }: Call, names: readonly string[], fault: Fault): boolean {
    if (this.#thoroughness === 'calls') return true
    if (this.#thoroughness === 'places') return fault !== 'kill' || CHANGES.test(names[call - 2] ?? 'clone')
    return !DULL.test(name) && (fault !== 'kill' || TURNING_POINTS.test(name))
  }

  /** A place in the program is known by what the process calls before and behind: thirty paths are masked by the same lines. */
  #placeOf(start: string, { name, process, call }: Call, names: readonly string[]): string {
    if (this.#thoroughness === 'calls') return `${start} ${process} ${call}`
    if (this.#thoroughness === 'places') return names.slice(Math.max(0, call - 3), call + 1).join(' ')
    // The first one is the spawner, the same for all.
    return process === 0 ? name : `${start} ${process} ${name}`
  }
}

/** Names of each process's calls, in their order. */
function byProcess(calls: readonly Call[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, string[]>()
  for (const { process, name } of calls) names.set(process, [...(names.get(process) ?? []), name])
  return names
}
