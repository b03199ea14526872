/** What a machine has and lacks, found by reading and trying, with what follows for the user. No engine is asked. */
import type { Finding } from './finding.ts'
import { examineGroups } from './groups.ts'
import { examineItself } from './itself.ts'
import { examineKernel } from './kernel.ts'
import type { Machine } from './machine.ts'
import { examineNetwork } from './network.ts'
import { examinePrograms } from './programs.ts'
import { examineStorage } from './storage.ts'

export { removeLeftover } from './clean.ts'
export { findLeftovers, type Leftover } from './leftovers.ts'
export { thisMachine } from './this-machine.ts'

/** All facts, by areas. What is tried leaves nothing behind. */
export async function examine(machine: Machine): Promise<readonly Finding[]> {
  return [
    ...(await examineItself(machine)),
    ...(await examineKernel(machine)),
    ...examineGroups(machine),
    ...(await examineNetwork(machine)),
    ...(await examineStorage(machine)),
    ...(await examinePrograms(machine)),
  ]
}
