import type { TraceAnswer } from '../api/types/index.ts'
import { Docker } from '../client/index.ts'
import { Failure, type Span, spans } from '../diagnostics/index.ts'
import { statePaths } from './state-paths.ts'
import { type Environment, isForeign } from './target.ts'

/** The spans of a command: its own, and those of the engine from its begin on. */
export interface Trace {
  /** What has been recorded; nothing is any more. */
  end(): Promise<{ readonly own: readonly Span[]; readonly engine: TraceAnswer | undefined }>
}

/** Records what this command and the engine do; an engine that the command starts records from its own start on. */
export async function beginTrace(env: Environment): Promise<Trace> {
  const since = spans.record(performance)
  await ofEngine(env, docker => docker.traceBegin())
  return {
    end: async () => {
      const engine = await ofEngine(env, docker => docker.traceEnd({ since }))
      return { own: spans.take(0), engine }
    },
  }
}

/** Undefined where no engine of ours is: none has run, it has ended since, or another's is meant. */
async function ofEngine<T>(env: Environment, ask: (docker: Docker) => Promise<T>): Promise<T | undefined> {
  if (isForeign(env)) return undefined
  const docker = new Docker({ socketPath: statePaths(env).socket, errors: 'own' })
  try {
    return await ask(docker)
  } catch (error) {
    // One of an earlier build does not know it.
    if (error instanceof Failure && ['unavailable', 'notFound'].includes(error.kind)) return undefined
    throw error
  } finally {
    docker.modem.destroy()
  }
}
