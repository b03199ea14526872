import { outputText } from '../client/index.ts'
import { Failure } from '../diagnostics/index.ts'
import type { DockerContainer } from './docker.ts'

const SHOWN_LINES = 5
const SHOWN_BYTES = 2048

/** Failures that say how a container fared: what it wrote last tells most about why. */
const ABOUT_CONTAINER: ReadonlySet<string> = new Set([
  'CONTAINER_EXITED',
  'CONTAINER_RESTARTING',
  'CONTAINER_UNHEALTHY',
  'DEPENDENCY_EXITED',
  'DEPENDENCY_FAILED',
  'DEPENDENCY_UNHEALTHY',
  'RELIEF_IMPOSSIBLE',
  'RELIEF_NOT_LISTENING',
])

/** Waits for `work` on a container; a failure that is about how the container fared gets its last lines as detail. */
export async function withLastOutput<T>(container: DockerContainer, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure) || !ABOUT_CONTAINER.has(error.code)) throw error
    throw await detailed(error, container)
  }
}

async function detailed(error: Failure, container: DockerContainer): Promise<Failure> {
  const lines = (await lastOutput(container, SHOWN_LINES))?.trimEnd().slice(-SHOWN_BYTES)
  if (!lines) return error
  const diagnostics = error.diagnostics.map(diagnostic => ({
    ...diagnostic,
    detail: [diagnostic.detail, lines].filter(part => part !== undefined).join('\n'),
  }))
  return new Failure(error.kind, diagnostics, error.cause)
}

/** The last lines that a container wrote; undefined when none can be read (a log driver that keeps none). */
export async function lastOutput(container: DockerContainer, lines: number): Promise<string | undefined> {
  try {
    const { Config } = await container.inspect()
    const log = await container.logs({ stdout: true, stderr: true, tail: lines })
    return outputText(log, Config.Tty === true)
  } catch (error) {
    // The failure that is being told matters more than why its log can't be read.
    if (error instanceof Failure) return undefined
    throw error
  }
}
