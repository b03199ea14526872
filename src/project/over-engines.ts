import { Failure } from '../diagnostics/index.ts'

/** Tries in a row; an engine that is being killed may let one more connection in. */
const ATTEMPTS = 5

/** Seconds after which a work has gone on for so long that its engine's death is a new one. */
const LIVED = 2

/**
 * Does work with an engine, and again with the next one where that has died: containers do not notice, and the next one knows
 * of them. `reconnect` starts it; `isLost` tells by what the work raised whether its engine has died, for work in which something else
 * may be unavailable. Errors: those of the work, ENGINE_UNREACHABLE where engines keep dying.
 */
export async function overEngines<T>(
  reconnect: () => Promise<unknown>,
  work: () => Promise<T>,
  isLost: (error: unknown) => boolean = isUnavailable,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    // Not `performance`, whose first use loads a module of Node's: most works end well.
    const begun = process.uptime()
    try {
      return await work()
    } catch (error) {
      if (!isLost(error)) throw error
      if (process.uptime() - begun > LIVED) attempt = 1
      if (attempt === ATTEMPTS) throw error
      await reconnect()
    }
  }
}

/** Whether a work failed since its engine is gone. What is unavailable for another reason, as a container that has ended, is no more there with the next one. */
export function isEngineLost(error: unknown): boolean {
  return error instanceof Failure && error.diagnostics.some(({ code }) => code === 'ENGINE_UNREACHABLE')
}

/** What is raised of an engine that is gone, also by a gateway before it. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'unavailable'
}
