import type { Drift, MendedThing } from '../../api/types/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { PROJECT, SERVICE } from '../state/project.ts'

/**
 * Tells whoever follows its project what has been put right of a container or network, whoever asked for that: `up`, or the engine as it goes. A watch
 * counts on it: what has gone without such a word somebody else has put right.
 */
export function tellMended(
  { watch }: Pick<EngineContext, 'watch'>,
  of: Container | NetworkRecord,
  drift: readonly Drift[],
): void {
  const labels = 'record' in of ? (of.record.config.Labels ?? {}) : of.labels
  const { [PROJECT]: project, [SERVICE]: service } = labels
  if (project === undefined || drift.length === 0) return
  const thing: MendedThing =
    'record' in of
      ? {
          Kind: 'container',
          Name: of.name,
          ...(service === undefined ? {} : { Service: service }),
          Drift: drift,
        }
      : { Kind: 'network', Name: of.name, Drift: drift }
  watch.mended(project, thing)
}
