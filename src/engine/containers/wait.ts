import { setTimeout } from 'node:timers/promises'
import type { ContainerWaiter, ContainerWaitResponse, WaitCondition } from '../../api/types/index.ts'
import { messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import { attachStalled } from './attach-stalled.ts'

/** Milliseconds that whoever asks for what is over waits for attached clients to have the last bytes. */
const DELIVERY_LIMIT = 2_000

/**
 * Milliseconds that they have to read them. A client that waits on one connection and reads on another, as dockerode does in `run`,
 * takes the answer for the end of the output, and it could read both in one go.
 */
const READING = 30

/**
 * Registers a wait; what happens from now on is not missed. `not-running` is answered at once for a container that
 * does not run, `next-exit` at the next exit, restarts included, `removed` with the last exit code, and why it could not
 * be removed if so. Whoever is attached gets the last output before the answer is given. The Docker CLI cancels its stream
 * when it has the answer, and returns what that says: one that attached, and then waits for an exit to come, is answered with
 * ATTACH_STALLED when it did not get all of the output, however slow it was.
 */
export function waitFor(
  container: Container,
  condition: WaitCondition,
  signal: AbortSignal,
): ContainerWaiter {
  const lastExit = (): ContainerWaitResponse => lastExitOf(container)
  if (condition === 'not-running' && !container.active && !container.starting) {
    return { result: delivered(container).then(lastExit) }
  }
  const attached = container.deliveries.begun
  const answered = async (response: ContainerWaitResponse): Promise<ContainerWaitResponse> => {
    if (condition === 'not-running') {
      await delivered(container)
      return response
    }
    const isWhole = await container.deliveries.outcome(container.lastExit, attached)
    return isWhole ? response : { ...errorOf(messageOf(attachStalled(container.name))), ...response }
  }
  const result = new Promise<ContainerWaitResponse>((resolve, reject) => {
    const listening: (() => void)[] = []
    const finish = (): void => {
      for (const stop of listening) stop()
      signal.removeEventListener('abort', abandon)
    }
    const done = (response: ContainerWaitResponse): void => {
      finish()
      void answered(response).then(resolve)
    }
    const abandon = (): void => {
      finish()
      reject(signal.reason)
    }
    listening.push(
      container.onRemoval(problem => {
        if (condition === 'removed')
          done({ StatusCode: container.record.state.exitCode, ...errorOf(problem) })
        else if (problem === undefined) done(lastExit())
      }),
    )
    if (condition !== 'removed') listening.push(container.onExit(done))
    signal.addEventListener('abort', abandon, { once: true })
  })
  // A client that goes away leaves nobody to hear of the abort.
  result.catch(ignoreAbandoned)
  return { result }
}

/** How a container ended last. */
export function lastExitOf({ record }: Container): ContainerWaitResponse {
  const { exitCode, error } = record.state
  return { StatusCode: exitCode, ...errorOf(error) }
}

function errorOf(problem: string | undefined): Pick<ContainerWaitResponse, 'Error'> {
  return problem ? { Error: { Message: problem } } : {}
}

async function delivered({ deliveries, lastExit }: Container): Promise<void> {
  await deliveries.complete(lastExit, DELIVERY_LIMIT)
  const early = deliveries.handedOverAt + READING - performance.now()
  if (early > 0) await setTimeout(early)
}

function ignoreAbandoned(): void {}
