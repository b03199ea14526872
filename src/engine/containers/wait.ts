import type { ContainerWaiter, ContainerWaitResponse, WaitCondition } from '../../api/types/index.ts'
import type { Container } from './container.ts'

/**
 * Registers a wait; what happens from now on is not missed. `not-running` is answered at once for a container that
 * does not run, `next-exit` at the next exit, restarts included, `removed` with the last exit code.
 */
export function waitFor(
  container: Container,
  condition: WaitCondition,
  signal: AbortSignal,
): ContainerWaiter {
  const lastExit = (): ContainerWaitResponse => {
    const { exitCode, error } = container.record.state
    return { StatusCode: exitCode, ...(error === '' ? {} : { Error: { Message: error } }) }
  }
  if (condition === 'not-running' && !container.active && !container.starting) {
    return { result: Promise.resolve(lastExit()) }
  }
  const result = new Promise<ContainerWaitResponse>((resolve, reject) => {
    const listening: (() => void)[] = []
    const finish = (): void => {
      for (const stop of listening) stop()
      signal.removeEventListener('abort', abandon)
    }
    const done = (response: ContainerWaitResponse): void => {
      finish()
      resolve(response)
    }
    const abandon = (): void => {
      finish()
      reject(signal.reason)
    }
    listening.push(container.onRemoval(() => done(lastExit())))
    if (condition !== 'removed') listening.push(container.onExit(done))
    signal.addEventListener('abort', abandon, { once: true })
  })
  // A client that goes away leaves nobody to hear of the abort.
  result.catch(ignoreAbandoned)
  return { result }
}

function ignoreAbandoned(): void {}
