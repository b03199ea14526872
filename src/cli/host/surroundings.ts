import { readFileSync, readlinkSync, statSync } from 'node:fs'

/** What a process may and what it sees: as the launcher sends it, and as this process has it. */
export type Surroundings = readonly string[]

const NAMESPACES = ['mnt', 'net', 'pid', 'user', 'ipc']

/** Lines of /proc/self/status by which files are made and rights are had. */
const RIGHTS =
  /^(?:Umask|Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp|Seccomp_filters):/

/** Lines of /proc/self/limits that a command can meet; Node raises the soft limit of open files, so its hard one is compared. */
const LIMITS = /^Max (?:cpu time|file size|data size|address space|open files) /

/** How many texts they are. */
export const SURROUNDINGS: number = 2 + NAMESPACES.length + 2

/** Those of this process. */
export function ownSurroundings(): Surroundings {
  const { dev, ino } = statSync('/')
  return [
    readFileSync('/proc/self/status', 'utf8'),
    readFileSync('/proc/self/limits', 'utf8'),
    ...NAMESPACES.map(name => readlinkSync(`/proc/self/ns/${name}`)),
    String(dev),
    String(ino),
  ]
}

/**
 * Whether a command of that process comes to the same in this one: the same user with the same rights, umask and limits, who sees the
 * same files, networks and processes.
 */
export function isSame(own: Surroundings, theirs: Surroundings): boolean {
  const [one, other] = [comparable(own), comparable(theirs)]
  return one.length === other.length && one.every((text, index) => text === other[index])
}

function comparable([status = '', limits = '', ...places]: Surroundings): string[] {
  const rights = status.split('\n').filter(line => RIGHTS.test(line))
  const bounds = limits
    .split('\n')
    .filter(line => LIMITS.test(line))
    .map(line => line.replace(/^(Max open files +)\S+/, '$1'))
    .map(line => line.replaceAll(/ +/g, ' '))
  return [...rights.map(line => line.trimEnd()), ...bounds, ...places]
}
