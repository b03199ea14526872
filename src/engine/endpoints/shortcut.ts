import { Failure } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/**
 * Has a running container's listeners say to the kernel where they lead, so that the host's clients need no way through its relay. When it starts, when it publishes other ports, and
 * when there is another map. Not those of `publish: proxy`, whose listeners are what rules of the host are for. Of a monitor that cannot, as it is older, has ended, or the map has gone, the
 * relay has all clients.
 */
export async function tellShortcut(
  { shortcut: { attached } }: Pick<EngineContext, 'shortcut'>,
  { live, published }: Pick<Container, 'live' | 'published'>,
): Promise<void> {
  const isLed = published.some(({ protocol, proxied }) => protocol === 'tcp' && proxied !== true)
  if (attached === undefined || !isLed) return
  try {
    await live?.connection.shortcut(attached)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}
