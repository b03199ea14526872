import { fine, type Verdict, warning } from './finding.ts'
import type { Machine } from './machine.ts'
import type { Probe } from './probes.ts'

/** What is found by what only root may do. To anybody else a refusal would say nothing of the machine. */
export async function asRoot(machine: Machine, look: () => Promise<Verdict>): Promise<Verdict> {
  return machine.uid === 0 ? look() : warning('not tried', 'only root can tell: run this command with sudo')
}

/** Has the kernel do something; `otherwise` says what follows from its refusal. */
export function tried(
  machine: Machine,
  probe: Probe,
  works: string,
  otherwise: (refusal: string) => Verdict,
): Promise<Verdict> {
  return asRoot(machine, async () => {
    const refusal = await machine.refusal(probe)
    return refusal === undefined ? fine(works) : otherwise(refusal)
  })
}
