import { failure } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'
import { parseLink } from '../terms/hosts.ts'

/**
 * `docker rm --link web/db`: the container calls the other so no longer, from its next start on. CONTAINER_NOT_FOUND where there
 * is no such link, LINK_OWN_NAME for a container's own name, which is none.
 */
export function unlinkContainer(
  engine: Pick<EngineContext, 'containers'>,
  reference: string,
  alias: string,
): void {
  const container = engine.containers.resolve(reference)
  if (alias === '') {
    throw failure({
      code: 'LINK_OWN_NAME',
      kind: 'conflict',
      summary: 'conflict, cannot remove the default link name of the container',
    })
  }
  const { hostConfig } = container.record
  const links = hostConfig.Links ?? []
  const remain = links.filter(text => parseLink(text).alias !== alias)
  if (remain.length === links.length) {
    const summary = `No such container: ${reference}/${alias}`
    throw failure({ code: 'CONTAINER_NOT_FOUND', kind: 'notFound', summary })
  }
  container.save({ hostConfig: { ...hostConfig, Links: remain } })
}
