// All that conversions make is what a deploy brings to a server, and finds again without asking for a single object.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Started, startServer } from './api-server.test-support.ts'
import { accessOf } from './cluster/access.ts'
import { ClusterClient } from './cluster/client.ts'
import { Connection } from './cluster/connection.ts'
import { selectorOf } from './convert/context.ts'
import { objectsOf } from './convert/convert.ts'
import { converted, FIXTURES } from './converted.test-support.ts'
import type { KubernetesPlan } from './plan/make-plan.ts'
import { planDeploy } from './plan/plan-deploy.ts'
import { planDown } from './plan/plan-down.ts'
import { SERVED } from './testing/api-server/kinds.ts'

const ROUTE = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  isNamespaced: true,
}

let cluster: Started
let connection: Connection
beforeEach(async () => {
  cluster = await startServer({ kinds: [...SERVED, ROUTE] })
  connection = new Connection(accessOf({ env: {}, cwd: '/', kubeconfig: cluster.kubeconfig }))
})
afterEach(async () => {
  await connection.close()
  await cluster.end()
})

async function follow(client: ClusterClient, { operations }: KubernetesPlan): Promise<void> {
  for (const { action, object } of operations)
    if (action === 'remove') await client.remove(object)
    else if (action !== 'wait') await client.apply(object)
}

test.each(
  FIXTURES,
)('%s is deployed once, found to be as it should be, and taken down with nothing left', async name => {
  const client = new ClusterClient(connection)
  const conversion = converted(name)
  const { project, namespace } = conversion
  const place = { project, namespace, selector: selectorOf(project) }
  const wanted = { ...place, objects: objectsOf(conversion), isPart: false, prune: false, force: false }
  const plan = (): Promise<KubernetesPlan> =>
    planDeploy(client, { ...wanted, reveal: () => false, parallel: 4 })
  const first = await plan()
  expect(first.problems).toEqual([])
  expect(first.operations.filter(({ action }) => action === 'create')).toHaveLength(wanted.objects.length)
  await follow(client, first)
  const before = cluster.server.requests.length
  expect((await plan()).operations).toEqual([])
  expect(cluster.server.requests.slice(before).filter(each => each.startsWith('PATCH'))).toEqual([])
  await follow(client, await planDown(client, { ...place, volumes: true }))
  const left = [...SERVED, ROUTE].flatMap(({ plural }) => cluster.server.store.list(plural, undefined))
  expect(left).toEqual([])
})
