import type { ContainerWaitResponse } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { failure } from '../../diagnostics/index.ts'

/** An exit code that is to come. */
export interface AskedExit {
  readonly code: Promise<number>
  cancel(): void
}

/**
 * Asks for a container's exit code; the engine knows of it when this resolves, so that an end that comes at once is not missed.
 * `cancel` it if it is not waited for: it keeps the process alive. Errors: ENGINE_UNREACHABLE of `code`, STREAM_ERROR where the exit
 * came without all of the output.
 */
export async function askForExit(
  docker: Docker,
  id: string,
  condition: 'not-running' | 'next-exit' | 'removed',
): Promise<AskedExit> {
  const answer = await docker.getContainer(id).openWait({ condition })
  const code = readCode(answer)
  // Whoever asks for it hears of a failure; until then it is none that nobody takes.
  code.catch(() => undefined)
  return { code, cancel: () => void answer.destroy() }
}

async function readCode(answer: AsyncIterable<Buffer>): Promise<number> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer) chunks.push(chunk)
  } catch (cause) {
    throw failure({
      code: 'ENGINE_UNREACHABLE',
      kind: 'unavailable',
      summary: 'the engine has gone before it told how the container ended',
      cause,
    })
  }
  const { StatusCode, Error: problem }: ContainerWaitResponse = JSON.parse(Buffer.concat(chunks).toString())
  if (problem?.Message !== undefined && problem.Message !== '')
    throw failure({ code: 'STREAM_ERROR', kind: 'internal', summary: problem.Message })
  return StatusCode
}
