/** Something that breaks under us, and where the tests break it. */
export interface FaultCase {
  readonly what: string
  /** Test files, each with a part of the name of a test there. */
  readonly tests: Readonly<Record<string, string>>
}

const LOST = 'test/e2e/faults/lost.test.ts'
const PROCESSES = 'test/e2e/faults/processes.test.ts'
const RACES = 'test/e2e/faults/races.test.ts'
const CRASH = 'test/e2e/project/crash.test.ts'
const FULL_DISK = 'test/e2e/engine/full-disk.test.ts'
const KERNEL = 'test/e2e/networks/kernel.test.ts'

/** By the numbers that the names of tests have. */
export const FAULT_CASES: Readonly<Record<string, FaultCase>> = {
  C1: { what: 'up, killed at any step', tests: { [CRASH]: 'up that is killed at any step' } },
  C2: {
    what: 'down, a pull, a build, cp, killed at any step',
    tests: {
      [CRASH]: 'down that is killed at any step',
      'test/e2e/images/store-crash.test.ts': 'a store that is killed at any moment',
      'test/e2e/faults/killed-engine.test.ts': "'cp in'",
    },
  },
  C3: {
    what: 'the engine, killed',
    tests: {
      [CRASH]: 'with the engine killed the page answers, logs lose no line',
      'test/e2e/engine/adoption.test.ts': 'a container that an earlier engine started is restarted',
    },
  },
  C4: { what: 'a monitor, killed', tests: { [LOST]: 'C4:' } },
  C5: { what: 'engine and monitor, killed', tests: { [LOST]: 'C5:' } },
  C6: { what: 'the machine, started anew', tests: { [LOST]: 'C6:' } },
  C8: { what: 'a full disk, for records', tests: { [FULL_DISK]: 'up, with any amount of room' } },
  C9: { what: 'a full disk, for logs', tests: { [FULL_DISK]: 'that is too much is counted' } },
  C10: { what: 'a root that is read-only', tests: { 'test/e2e/faults/readonly-root.test.ts': 'C10:' } },
  C11: {
    what: 'want of memory, in PID 1 and in a child',
    tests: {
      [PROCESSES]: 'C11:',
      'test/e2e/containers/out-of-memory.test.ts': 'of the first process, and of a child',
    },
  },
  C12: { what: 'a fork bomb', tests: { [PROCESSES]: 'C12:' } },
  C13: {
    what: 'a bridge, deleted by hand',
    tests: { 'test/e2e/containers/life.test.ts': 'repairs a bridge that somebody deleted' },
  },
  C14: { what: 'rules of the firewall, flushed', tests: { [KERNEL]: 'a flushed table is made again' } },
  C16: { what: 'a foreign process in a group', tests: { [PROCESSES]: 'C16:' } },
  C17: {
    what: 'records that cannot be read',
    tests: { 'src/engine/adopt/adopt.test.ts': 'that cannot be read are set aside' },
  },
  C18: {
    what: 'several at once',
    tests: { 'test/e2e/project/concurrency.test.ts': 'of several ups of one project at once' },
  },
  C19: { what: 'the clock, set', tests: { [LOST]: 'C19:' } },
  C20: { what: 'floods of output', tests: { 'test/e2e/faults/floods.test.ts': 'C20:' } },
  C21: {
    what: 'layers that come half',
    tests: { 'test/e2e/images/broken-pulls.test.ts': 'keeps its whole layers' },
  },
  C22: {
    what: 'a registry that is busy',
    tests: { 'src/image/registry/endpoint.test.ts': 'Retry-After is waited for' },
  },
  C25: { what: 'zombies', tests: { [PROCESSES]: 'C25:' } },
  C26: { what: 'processes that cannot end', tests: { [PROCESSES]: 'C26:' } },
  C27: {
    what: 'clients that read slowly, or not at all',
    tests: {
      'test/e2e/containers/streams.test.ts': 'a client that reads slowly gets all',
      'src/engine/containers/attach.test.ts': 'ATTACH_STALLED',
    },
  },
  C28: { what: 'exec and removal that meet a restart', tests: { [RACES]: 'C28:' } },
  C29: { what: 'a pipe where a file is read', tests: { [PROCESSES]: 'C29:' } },
  C30: {
    what: 'monitors of an older version',
    tests: { 'src/engine/adopt/adopt.test.ts': 'C30:', 'test/e2e/engine/upgrade.test.ts': 'C30:' },
  },
}
