import { frameDecoder } from '../../api/framing.ts'
import type { TaskInspect } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'

/** Lines of a task that has failed, and milliseconds that its node may take to tell them. */
const LINES = 10
const PATIENCE = 5_000

/** The last lines that a task has written; none where it never ran, or where its node does not tell them: why it ended is known all the same. */
export async function lastLines(
  log: Pick<ReturnType<Docker['getTask']>, 'logs'>,
  { Spec }: Pick<TaskInspect, 'Spec'>,
): Promise<readonly string[]> {
  try {
    const abortSignal = AbortSignal.timeout(PATIENCE)
    const answer = await log.logs({ stdout: true, stderr: true, tail: String(LINES), abortSignal })
    const bytes = answer as Buffer
    const text = Spec.ContainerSpec?.TTY === true ? bytes : withoutFrames(bytes)
    return text
      .toString('utf8')
      .split(/\r?\n/)
      .filter(line => line !== '')
      .slice(-LINES)
  } catch (error) {
    if (error instanceof Failure || (error instanceof Error && error.name === 'TimeoutError')) return []
    throw error
  }
}

function withoutFrames(bytes: Buffer): Buffer {
  const parts: Uint8Array[] = []
  frameDecoder((_, part) => parts.push(Buffer.from(part)))(bytes)
  return Buffer.concat(parts)
}
