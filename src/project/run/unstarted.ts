import { Failure } from '../../diagnostics/index.ts'
import type { ConnectedProject } from '../connected-project.ts'
import { connectEngine } from '../engine.ts'
import { engineLost } from '../failures.ts'
import { overEngines } from '../over-engines.ts'
import { environmentOf } from '../target.ts'

type Connected = Pick<ConnectedProject, 'docker' | 'target'>

/**
 * Whether a container was started by an engine that was lost over it, as the next one knows; it is removed where it was not. Errors:
 * ENGINE_LOST where it is gone and may have run.
 */
export async function wasStarted(
  { docker, target }: Connected,
  { id }: { readonly id: string },
): Promise<boolean> {
  const reconnect = (): Promise<unknown> => connectEngine(environmentOf(target))
  const container = docker.getContainer(id)
  await reconnect()
  return overEngines(reconnect, async () => {
    try {
      const { State } = await container.inspect()
      if (State.Status !== 'created') return true
      await container.remove({ force: true, v: true })
      return false
    } catch (cause) {
      throw cause instanceof Failure && cause.kind === 'notFound' ? engineLost(cause) : cause
    }
  })
}

/** Nothing can be had from a container that never ran. One that another name's owner has is left alone: it has another slug. */
export async function removeUnstarted(
  { docker, target }: Connected,
  name: string,
  slug: string,
): Promise<void> {
  try {
    await connectEngine(environmentOf(target))
    const container = docker.getContainer(name)
    const { Config } = await container.inspect()
    if (Config.Labels?.['com.docker.compose.slug'] === slug) await container.remove({ force: true, v: true })
  } catch (error) {
    // It was not made, or removes itself, or no engine answers: what is told is why it did not run.
    if (!(error instanceof Failure)) throw error
  }
}
