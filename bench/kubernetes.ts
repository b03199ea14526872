import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Started, startServer } from '../src/deploy/kubernetes/api-server.test-support.ts'
import { openCluster } from '../src/project/deploy/index.ts'

/** Services of a project. */
const SIZES = [10, 100, 1000, 10_000] as const

/** A service as they are: variables, a port, a health check, a limit; every tenth has a volume. */
function composeFile(count: number): string {
  const services = Array.from({ length: count }, (_, index) => {
    const volume = index % 10 === 0 ? `, volumes: ["v${index}:/data"]` : ''
    return `  s${index}: {image: "registry.example/s${index}:1", environment: {A: "1", B: "2"}, expose: ["80"], mem_limit: 64m, healthcheck: {test: ["CMD", "true"], interval: 10s}${volume}}\n`
  })
  const volumes = Array.from({ length: Math.ceil(count / 10) }, (_, index) => `  v${index * 10}: {}\n`)
  return `name: many\nservices:\n${services.join('')}volumes:\n${volumes.join('')}`
}

/**
 * What a deploy asks of an API server by the number of services: calls and bytes, counted at the server of the tests, which is in the
 * same process. Times are of both together, and say how they grow, not how long a cluster takes.
 */
export async function measureKubernetes(folder: string): Promise<void> {
  console.log(
    'services  what        calls  lists  writes  sent, kB  answered, kB  seconds  largest object, kB',
  )
  for (const count of SIZES) {
    const cluster = await startServer()
    const project = join(folder, `many-${count}`)
    mkdirSync(project)
    const file = join(project, 'compose.yaml')
    writeFileSync(file, composeFile(count))
    const target = { cwd: project, env: { KUBECONFIG: cluster.kubeconfig, HOME: folder } }
    // Controllers look at all pods for each workload: they are there where that is no matter.
    if (count > 1000) cluster.controllers.stop()
    const deploy = async (): Promise<unknown> =>
      (await openCluster(target, { to: 'kubernetes' })).deploy(
        {},
        { dryRun: false, detach: count > 1000, timeout: 3600 },
      )
    const counted = (what: string): Promise<void> => countOf(cluster, count, what, deploy)
    await counted('first')
    await counted('nothing')
    writeFileSync(file, composeFile(count).replace('registry.example/s0:1', 'registry.example/s0:2'))
    await counted('one changed')
    await cluster.end()
  }
}

async function countOf(
  { server }: Started,
  count: number,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = { requests: server.requests.length, sent: server.received, answered: server.answered }
  const begun = performance.now()
  await work()
  const seconds = (performance.now() - begun) / 1000
  const own = server.requests.slice(before.requests)
  const lists = own.filter(each => each.startsWith('GET') && /[?&](?:limit|watch)=/.test(each)).length
  const writes = own.filter(each => /^(?:PATCH|DELETE)/.test(each)).length
  const largest = Math.max(
    ...server.store.list('deployments', 'many').map(object => JSON.stringify(object).length),
  )
  const kilo = (bytes: number): string => (bytes / 1000).toFixed(0)
  console.log(
    [
      String(count).padEnd(8),
      what.padEnd(11),
      String(own.length).padStart(6),
      String(lists).padStart(6),
      String(writes).padStart(7),
      kilo(server.received - before.sent).padStart(9),
      kilo(server.answered - before.answered).padStart(13),
      seconds.toFixed(1).padStart(8),
      (largest / 1000).toFixed(1).padStart(10),
    ].join(' '),
  )
}
