import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { readIfThereSync } from '../../linux/read-if-there.ts'

/** What a machine has, as far as a request can ask for more. A `Host` is what the compilers need to know of it. */
export interface Machine {
  readonly processors: () => number
  /** Those that are online, as the kernel lists them (`0-3,6`); undefined where it does not tell. */
  readonly online: (what: 'cpu' | 'node') => string | undefined
  /** fs.nr_open: a higher limit of open files is refused even to root. */
  readonly mostOpenFiles: () => number
}

/** This machine, looked at anew each time: CPUs come and go. */
export const THIS_MACHINE: Machine = {
  processors: availableParallelism,
  online: what => readIfThereSync(`/sys/devices/system/${what}/online`),
  mostOpenFiles: () => Number(readFileSync('/proc/sys/fs/nr_open', 'utf8')),
}
