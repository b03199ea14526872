import type { ClusterClient, ListOptions } from '../cluster/client.ts'
import { told } from '../cluster/connection.ts'
import { type ClusterObject, labelOf, type ObjectRef } from '../cluster/object.ts'
import { KINDS } from './kinds.ts'

/** What a cluster has of a project. */
export interface ObservedCluster {
  /** By kind and name, those that have the project's labels. */
  readonly objects: ReadonlyMap<string, ClusterObject>
  /** Undefined where it is not there: then nothing is in it, and a server is asked of nothing that would be. */
  readonly namespace: ClusterObject | undefined
}

/** Looks at what has the project's labels, one list for each kind. Raises Failures that say what was looked for. */
export async function observe(
  client: ClusterClient,
  namespace: string,
  selector: string,
): Promise<ObservedCluster> {
  const ref: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  const found = await told(`looking for the namespace "${namespace}"`, client.get(ref))
  if (found === undefined) return { objects: new Map(), namespace: undefined }
  const lists = await Promise.all(
    KINDS.filter(({ kind }) => kind !== 'Namespace').map(async kind => {
      if (!(await client.knows(kind))) return []
      const options: ListOptions = { namespace, selector }
      return (await told(`listing each ${kind.kind} in "${namespace}"`, client.list(kind, options))).items
    }),
  )
  const objects = lists.flat().filter(({ metadata }) => !isMadeByOthers(metadata))
  return { objects: new Map(objects.map(object => [labelOf(object), object])), namespace: found }
}

/** What a controller has made of an object has the labels of that one, too. */
export function isMadeByOthers({ ownerReferences = [] }: ClusterObject['metadata']): boolean {
  return ownerReferences.some(({ controller }) => controller === true)
}

/** Whether an object has the labels of a selector. */
export function hasLabels({ metadata: { labels = {} } }: ClusterObject, selector: string): boolean {
  return selector.split(',').every(part => {
    const [key = '', value] = part.split('=')
    return labels[key] === value
  })
}
