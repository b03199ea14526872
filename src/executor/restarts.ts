import type { ContainerInspect } from '../api/types/index.ts'
import { failure } from '../diagnostics/index.ts'

/** Restarts within one wait after which a container is taken for one that will never get there. */
const LIMIT = 5

/**
 * Looks at each state of a container that is waited for; throws CONTAINER_RESTARTING once it keeps crashing, since a
 * restart policy alone would let the wait go on for ever.
 */
export type RestartWatch = (inspect: ContainerInspect) => void

/** A watch that counts from the first state that it is shown. */
export function watchRestarts(name: string, service: string): RestartWatch {
  let before: number | undefined
  let lastExitCode = 0
  return ({ State, RestartCount = 0 }) => {
    before ??= RestartCount
    // While it runs again its exit status reads 0.
    if (State.ExitCode !== 0) lastExitCode = State.ExitCode
    const isStuck = State.Restarting === true && RestartCount >= LIMIT
    if (!isStuck && RestartCount - before < LIMIT) return
    throw failure({
      kind: 'unavailable',
      code: 'CONTAINER_RESTARTING',
      summary: `container "${name}" keeps restarting, last exit code ${lastExitCode}`,
      hint: `see all that it wrote: tscompose logs ${service}`,
    })
  }
}
