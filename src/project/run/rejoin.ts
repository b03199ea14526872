import { connectEngine, lettingGo } from '../engine.ts'
import { JoinedContainer, type JoinOptions, type LeftContainer } from '../joined/joined-container.ts'
import type { LogStream } from '../logs/output-stream.ts'
import { environmentOf, type Target } from '../target.ts'
import { type OpenContainer, opened } from './run.ts'
import { wasStarted } from './unstarted.ts'

export interface RejoinRequest extends Pick<JoinOptions, 'onOutput' | 'room' | 'detachKeys'> {
  /** Bytes of its output that were passed on already. */
  readonly passed: Readonly<Record<LogStream, number>>
  /** Some of its input was read, and may have been given to it. */
  readonly hadInput: boolean
}

/**
 * Goes on with a container that another process of ours had joined which was lost with its engine, as that one would have. Undefined:
 * it was never started, and is gone. Errors: ENGINE_LOST where it is gone and may have run, INPUT_CUT of `ended`.
 */
export async function rejoin(
  target: Target,
  left: LeftContainer,
  { passed, hadInput, ...output }: RejoinRequest,
): Promise<OpenContainer | undefined> {
  const env = environmentOf(target)
  const docker = await connectEngine(env)
  return lettingGo(docker, 'on failure', async () => {
    if (left.isNew && !(await wasStarted({ docker, target }, left))) {
      docker.modem.destroy()
      return undefined
    }
    const options = { ...left, docker, ...output, reconnect: () => connectEngine(env) }
    const given = { isBegun: hadInput, isWhole: left.isInputWhole }
    return opened(docker, left, JoinedContainer.rejoin(options, given, passed))
  })
}
