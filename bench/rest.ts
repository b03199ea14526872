import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** Milliseconds that a machine is looked at, what of its processors' time others may take then, and for how long it is waited for. */
const SPAN = 200
const BUSY = 0.05
const LIMIT = 5_000

/**
 * Resolves when the machine has nothing left to do of what was measured before: a hundred containers that have ended keep the kernel, and the daemons of
 * the tool whose they were, busy for a second. A machine that is never at rest is not waited for.
 */
export async function rest(): Promise<void> {
  const end = performance.now() + LIMIT
  for (let before = ticks(); performance.now() < end; ) {
    await setTimeout(SPAN)
    const now = ticks()
    if (now.busy - before.busy <= BUSY * (now.all - before.all)) return
    before = now
  }
}

/** Time of all processors since the boot, idle or not (proc_stat(5)). */
function ticks(): { readonly all: number; readonly busy: number } {
  const fields =
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1, 9).map(Number) ?? []
  const all = fields.reduce((sum, each) => sum + each, 0)
  const [, , , idle = 0, waiting = 0] = fields
  return { all, busy: all - idle - waiting }
}
