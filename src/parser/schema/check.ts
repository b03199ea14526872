import type { Layer } from '../layer.ts'
import { type MapNode, withoutKeys } from '../tree/node.ts'

/** Checks the merged document by the schema; what is wrong is reported and dropped, so that later stages see sound data. */
export function checkSchema(node: MapNode, layer: Layer): MapNode {
  const version = node.entries.get('version')
  if (version)
    layer.scope.reporter.warn(
      'OBSOLETE_VERSION',
      'remove the attribute version: it is obsolete and ignored',
      {
        path: ['version'],
        span: version.key,
      },
    )
  return withoutKeys(node, ['version'])
}
