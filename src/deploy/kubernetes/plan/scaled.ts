import { failure } from '../../../diagnostics/index.ts'
import { type Conversion, objectsOf } from '../convert/convert.ts'
import { nameFor } from '../convert/names.ts'
import type { KubernetesObject } from '../objects/objects.ts'

/** The workloads of services with other numbers of pods, and nothing else. Errors: KUBERNETES_SCALE. */
export function scaled(conversion: Conversion, numbers: ReadonlyMap<string, number>): KubernetesObject[] {
  const objects = objectsOf(conversion)
  return [...numbers].map(([service, replicas]) => {
    const own = objects.filter(
      ({ metadata }) => metadata.labels['app.kubernetes.io/name'] === nameFor(service),
    )
    for (const object of own)
      if (object.kind === 'Deployment' || object.kind === 'StatefulSet')
        return { ...object, spec: { ...object.spec, replicas } } as KubernetesObject
    const kind = own.find(object => object.kind === 'DaemonSet' || object.kind === 'Job')?.kind
    throw failure({
      code: 'KUBERNETES_SCALE',
      kind: 'invalidArgument',
      summary:
        kind === undefined
          ? `"${service}" has no pods of its own`
          : `"${service}" is a ${kind}, of which there are no numbers to set`,
      hint: 'Deployments and StatefulSets have one',
    })
  })
}
