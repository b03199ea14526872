import type { ChildProcess } from 'node:child_process'
import { failure } from '../diagnostics/index.ts'

/**
 * The child that `spawn` gave, if it has been begun at all. Where no descriptors are left for its streams Node gives a child
 * without any, and an event that ends us when nobody listens: FD_LIMIT. Other reasons come as the child's event `error`.
 */
export function started<C extends ChildProcess>(child: C): C {
  const { stdio }: Partial<ChildProcess> = child
  if (stdio !== undefined) return child
  child.once('error', toldAlready)
  throw failure({
    code: 'FD_LIMIT',
    kind: 'unavailable',
    summary: `cannot start "${child.spawnfile}": this process, or the machine, has no descriptor left for its streams`,
    hint: 'raise the limit of open files with `ulimit -n`; an engine takes the one of the command that starts it',
  })
}

function toldAlready(): void {}
