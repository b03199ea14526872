import type { ClusterClient } from '../cluster/client.ts'
import { told } from '../cluster/connection.ts'
import { labelOf } from '../cluster/object.ts'
import { compare } from './compare.ts'
import { formerWorkloads } from './former.ts'
import { type Compared, type KubernetesPlan, makePlan } from './make-plan.ts'

/** What is to go back. */
export interface RollbackWanted {
  readonly project: string
  readonly namespace: string
  readonly selector: string
}

/** Brings workloads back to the pods that they had before. Errors: KUBERNETES_ROLLBACK. */
export async function planRollback(
  client: ClusterClient,
  { project, namespace, selector }: RollbackWanted,
): Promise<KubernetesPlan> {
  const former = await told('looking for what ran before', formerWorkloads(client, namespace, selector))
  const compared: Compared[] = []
  for (const { object, live } of former) {
    const comparing = compare(client, object, live, { force: true, reveal: () => false })
    compared.push({ object, comparison: await told(`comparing ${labelOf(object)}`, comparing) })
  }
  const plan = makePlan(project, compared, { objects: [], isPruned: false })
  return {
    ...plan,
    operations: plan.operations.map(operation =>
      operation.action === 'update' ? { ...operation, cause: 'as it was before', isForced: true } : operation,
    ),
  }
}
