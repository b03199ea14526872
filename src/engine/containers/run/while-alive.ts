import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../../diagnostics/index.ts'
import { isAlive, type ProcessIdentity } from '../../../linux/process-identity.ts'

const ATTEMPTS = 50
const MILLISECONDS = 20

/**
 * Tries to reach a monitor for as long as it lives, a second at most; undefined when it is not to be reached. A process that is being
 * killed lives on for a moment in which it refuses, so that one refusal says nothing. Errors: what is no `Failure`.
 */
export async function whileAlive<T>(
  monitor: ProcessIdentity,
  reach: () => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS && isAlive(monitor); attempt++) {
    try {
      return await reach()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      await sleep(MILLISECONDS)
    }
  }
  return undefined
}
