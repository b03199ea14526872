import { findPortHolder } from '../../network/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext, NamedPort } from '../state/context.ts'
import { warningOf } from '../state/notices.ts'
import { LOCALHOST, localNameOf } from './routes.ts'

/** Tells who works on the project where its instance is not reached by name, and who has the port there: all else of it is as it should be. */
export async function tellSilentNames(
  engine: Pick<EngineContext, 'containers' | 'localNames' | 'warn'>,
  container: Container,
): Promise<void> {
  const silent = engine.localNames.portsOf(container).filter(({ state }) => state !== 'answers')
  const { address = '' } = localNameOf(container) ?? {}
  for (const each of silent) {
    const { name, port } = each
    const holder = (await holderOf(engine, each)) ?? 'another program'
    const summary = `${name} does not answer on port ${port}: ${holder} has it at localhost; http://${address}:${port} does`
    engine.warn(warningOf(container, { code: 'NAME_SILENT', summary }))
  }
}

async function holderOf(
  { containers }: Pick<EngineContext, 'containers'>,
  { port, state }: NamedPort,
): Promise<string | undefined> {
  if (state === 'taken') return await findPortHolder('tcp', port, LOCALHOST)
  const holder = [...containers.values()].find(each =>
    each.published.some(
      ({ protocol, hostIp, hostPort, count }) =>
        protocol === 'tcp' && hostIp === '127.0.0.1' && port >= hostPort && port < hostPort + count,
    ),
  )
  return holder && `container ${holder.name}`
}
