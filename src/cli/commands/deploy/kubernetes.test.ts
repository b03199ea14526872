// The commands, as they are typed, against an API server of the tests over HTTPS.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Started, startServer } from '../../../deploy/kubernetes/api-server.test-support.ts'
import { type CliResult, runInProcess } from '../../run.test-support.ts'

let cluster: Started
beforeEach(async () => {
  cluster = await startServer()
})
afterEach(() => cluster.end())

const FILE = `name: shop
services:
  web:
    image: r/web:1
    ports: ["8080:80"]
    environment: {LEVEL: info, PASSWORD: hunter2}
    secrets: [s]
  db: {image: r/db:1, volumes: ["data:/data"]}
secrets: {s: {environment: SECRET}}
volumes: {data: }
`

/** One command line with this file. */
async function run(file: string, ...words: readonly string[]): Promise<CliResult> {
  writeFileSync(join(cluster.folder, 'compose.yaml'), file)
  const env = { HOME: cluster.folder, KUBECONFIG: cluster.kubeconfig, SECRET: 'hunter3' }
  return runInProcess([...words.slice(0, 1), ...words.slice(1), '--to', 'kubernetes'], cluster.folder, env)
}

/** The same, which must succeed. */
async function ok(file: string, ...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(file, ...words)
  expect(stderr.split('\n').filter(line => line.startsWith('error'))).toEqual([])
  expect(status).toBe(0)
  return stdout + stderr
}

function there(plural: string, name: string): unknown {
  return cluster.server.store.get(plural, 'shop', name)
}

function replicasOf(name: string): unknown {
  return (there('deployments', name) as { readonly spec: { readonly replicas: number } }).spec.replicas
}

/** Changes something as a person with kubectl does. */
function byHand(plural: string, name: string, patch: object, manager: string): void {
  const { server } = cluster
  server.patch(plural, 'shop', name, patch, manager)
}

/** The name that the pod of an image has, or will have. */
async function podOf(image: string): Promise<string> {
  const found = (): string | undefined =>
    cluster.server.store
      .list('pods', 'shop')
      .map(pod =>
        stringify(pod).includes(`"${image}"`)
          ? String((pod['metadata'] as { name: string }).name)
          : undefined,
      )
      .find(name => name !== undefined)
  if (found() === undefined) await run(FILE, 'deploy', '--detach')
  return found() ?? 'none'
}

const { stringify } = JSON
const lines = (text: string): string[] => text.split('\n').filter(line => /^[-+~] /.test(line))

describe('a deploy', () => {
  test('makes what the file describes, and the next one is empty', async () => {
    const plan = await ok(FILE, 'deploy', 'plan')
    expect(lines(plan)).toEqual([
      '+ Namespace shop',
      '+ Secret shop-s',
      '+ PersistentVolumeClaim shop-data',
      '+ NetworkPolicy shop-default',
      '+ NetworkPolicy web-published',
      '+ Service db',
      '+ Service web',
      '+ Service web-published',
      '+ StatefulSet db',
      '+ Deployment web',
    ])
    await ok(FILE, 'deploy')
    expect(cluster.server.store.list('deployments', 'shop')).toHaveLength(1)
    const before = cluster.server.requests.length
    expect((await run(FILE, 'deploy', 'plan', '--exit-code')).status).toBe(0)
    await ok(FILE, 'deploy')
    const patches = cluster.server.requests.slice(before).filter(each => each.startsWith('PATCH'))
    expect(patches).toEqual([])
  })

  test('says what changes, field by field, and no secret', async () => {
    await ok(FILE, 'deploy')
    const changed = FILE.replace('web:1', 'web:2').replace('hunter2', 'other').replace('info', 'debug')
    const plan = await run(changed, 'deploy', 'plan', '--exit-code')
    expect(plan.status).toBe(2)
    const path = 'spec.template.spec.containers[web]'
    expect(lines(plan.stdout)).toEqual([
      `~ Deployment web  ${path}.image: "r/web:1" → "r/web:2", ${path}.env[LEVEL].value: "info" → "debug", ${path}.env[PASSWORD].value: changed`,
    ])
    expect(plan.stdout + (await run(changed, 'deploy', 'plan', '--json')).stdout).not.toContain('other')
    await ok(changed, 'deploy')
    expect(stringify(cluster.server.store.get('deployments', 'shop', 'web'))).toContain('r/web:2')
  })

  test('refuses what others have set by hand, and takes it back when asked to', async () => {
    await ok(FILE, 'deploy')
    byHand('deployments', 'web', { spec: { replicas: 5 } }, 'kubectl-edit')
    const plan = await run(FILE, 'deploy', 'plan')
    expect(plan.status).toBe(1)
    expect(plan.stderr).toContain('KUBERNETES_CONFLICT')
    expect(plan.stderr).toContain('spec.replicas was set by "kubectl-edit"')
    expect(plan.stderr).toContain('(5 → 1)')
    expect(plan.stdout).toBe('')
    expect((await run(FILE, 'deploy')).status).toBe(1)
    expect(replicasOf('web')).toBe(5)
    const forced = await ok(FILE, 'deploy', 'plan', '--force')
    expect(lines(forced)).toEqual(['~ Deployment web  spec.replicas: 5 → 1  (set by kubectl-edit)'])
    await ok(FILE, 'deploy', '--force')
    expect(replicasOf('web')).toBe(1)
    expect(lines(await ok(FILE, 'deploy', 'plan'))).toEqual([])
  })

  test('leaves alone what others have set that the file says nothing of', async () => {
    await ok(FILE, 'deploy')
    byHand('deployments', 'web', { metadata: { annotations: { team: 'a' } } }, 'kubectl-annotate')
    expect(lines(await ok(FILE, 'deploy', 'plan'))).toEqual([])
    await ok(FILE.replace('web:1', 'web:2'), 'deploy')
    const { metadata } = there('deployments', 'web') as { metadata: { annotations: object } }
    expect(metadata.annotations).toEqual({ team: 'a' })
  })

  test('takes a field away that the file has no longer', async () => {
    await ok(FILE, 'deploy')
    const plan = await ok(FILE.replace('LEVEL: info, ', ''), 'deploy', 'plan')
    expect(plan).toContain('env[LEVEL]: - ')
    await ok(FILE.replace('LEVEL: info, ', ''), 'deploy')
    expect(stringify(there('deployments', 'web'))).not.toContain('LEVEL')
  })

  test('tells what the file has no longer, and removes it when asked to, but for volumes', async () => {
    await ok(FILE, 'deploy')
    const smaller = 'name: shop\nservices: {web: {image: r/web:1}}\n'
    expect(await ok(smaller, 'deploy', 'plan')).toContain('KUBERNETES_ORPHAN')
    await ok(smaller, 'deploy', '--prune')
    expect(there('statefulsets', 'db')).toBeUndefined()
    expect(there('persistentvolumeclaims', 'shop-data')).toBeDefined()
  })

  test('makes a job anew whose form has changed, since none can be changed', async () => {
    const job = 'name: shop\nservices: {job: {image: r/job:1, restart: "no"}}\n'
    await ok(job, 'deploy')
    const before = there('jobs', 'job') as { metadata: { uid: string } }
    const plan = await ok(job.replace('job:1', 'job:2'), 'deploy', 'plan')
    expect(lines(plan)).toEqual(['~ Job job  a field that cannot be changed differs'])
    await ok(job.replace('job:1', 'job:2'), 'deploy')
    const after = there('jobs', 'job') as { metadata: { uid: string } }
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
  })

  test('refuses to change what holds data and cannot be changed', async () => {
    await ok(FILE, 'deploy')
    const other = FILE.replace('data: }', 'data: {x-tscompose-kubernetes: {storage_class: fast}}}')
    const { status, stderr } = await run(other, 'deploy')
    expect(status).toBe(1)
    expect(stderr).toContain('KUBERNETES_UNCHANGEABLE')
  })

  test('goes on where an earlier one was broken off', async () => {
    let left = 6
    cluster.server.inject = ({ method, query }) =>
      method === 'PATCH' && !query.has('dryRun') && left-- <= 0 ? { status: 403 } : undefined
    expect((await run(FILE, 'deploy')).status).toBe(1)
    cluster.server.inject = () => undefined
    await ok(FILE, 'deploy')
    expect(lines(await ok(FILE, 'deploy', 'plan'))).toEqual([])
  })

  test('goes on when the server dies in the middle, and is there again', async () => {
    const { server } = cluster
    let left = 6
    server.inject = ({ method }) => {
      if (method !== 'PATCH' || left-- !== 0) return undefined
      void server.stop().then(() => setTimeout(() => void server.start(), 100))
      return 'cut'
    }
    await ok(FILE, 'deploy')
    expect(left).toBeLessThan(0)
    expect(lines(await ok(FILE, 'deploy', 'plan'))).toEqual([])
  })

  test('leaves a namespace as it is that somebody else has made, and never removes it', async () => {
    const { store } = cluster.server
    store.set('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } })
    await ok(FILE, 'deploy', '--namespace', 'prod')
    expect(lines(await ok(FILE, 'deploy', 'plan', '--namespace', 'prod'))).toEqual([])
    await ok(FILE, 'deploy', 'down', '-v', '--namespace', 'prod')
    expect(store.list('persistentvolumeclaims', 'prod')).toEqual([])
    expect(store.get('namespaces', '', 'prod')).not.toHaveProperty('metadata.labels')
  })

  test('takes nothing from another project of the same namespace', async () => {
    await ok(FILE, 'deploy', '--namespace', 'both')
    const other = 'name: other\nservices: {web: {image: r/other:1}}\n'
    const { status, stderr } = await run(other, 'deploy', '--force', '--namespace', 'both')
    expect(status).toBe(1)
    expect(stderr).toContain('Deployment web is of the project "shop"')
  })

  test('tells what the cluster does not do, with its line', async () => {
    const file = 'name: shop\nservices:\n  web:\n    image: r/web:1\n    restart: on-failure\n'
    expect((await run(file, 'deploy', 'plan')).stderr).toMatch(/KUBERNETES_RESTART .*compose.yaml:5/)
  })

  test.each([['deploy'], ['deploy ps']])('%s asks for no namespace that cannot be', async words => {
    const { status, stderr } = await run(FILE, ...words.split(' '), '--namespace', 'A B')
    expect([status, stderr.includes('KUBERNETES_NAMESPACE'), cluster.server.requests]).toEqual([1, true, []])
  })

  test('refuses an image that is built here and is in no registry, with its line', async () => {
    const { status, stderr } = await run('name: shop\nservices:\n  web:\n    build: .\n', 'deploy')
    expect(status).toBe(1)
    expect(stderr).toMatch(/KUBERNETES_IMAGE .*compose.yaml:4/)
    expect(cluster.server.requests).toEqual([])
  })
})

describe('waiting', () => {
  test.each([
    ['crashes', 'ends again and again, with status 1'],
    ['cannot be pulled', 'cannot be pulled: Back-off pulling image: not found'],
    ['never starts', 'cannot be started: secret "none" not found'],
    ['exceeds a quota', 'exceeded quota: small'],
  ] as const)('tells why a pod %s', async (fate, words) => {
    cluster.controllers.fates.set('r/web:1', fate)
    cluster.server.logs.write(`${await podOf('r/web:1')}/web/previous`, '2026-11-29T12:00:01Z no database')
    const { status, stderr } = await run(FILE, 'deploy')
    expect(status).toBe(1)
    expect(stderr).toContain('KUBERNETES_ROLLOUT')
    expect(stderr).toContain(words)
    if (fate === 'crashes') expect(stderr).toContain('no database')
  })

  test.each([
    ['finds no node', '3 Insufficient memory'],
    ['is not ready', '0 of 1 pods are ready'],
  ] as const)('gives up when the time is over, and tells that a pod %s', async (fate, words) => {
    cluster.controllers.fates.set('r/web:1', fate)
    const { status, stderr } = await run(FILE, 'deploy', '--timeout', '1')
    expect(status).toBe(1)
    expect(stderr).toContain('KUBERNETES_TIMEOUT')
    expect(stderr).toContain(words)
  })

  test('is left out with --detach', async () => {
    cluster.controllers.fates.set('r/web:1', 'crashes')
    expect((await run(FILE, 'deploy', '--detach')).status).toBe(0)
  })
})

describe('what was deployed', () => {
  test('is listed as ps lists it, with its nodes', async () => {
    await ok(FILE, 'deploy')
    const { stdout } = await run(
      FILE,
      'deploy',
      'ps',
      '--format',
      '{{.Service}} {{.Image}} {{.State}} {{.Node}}',
    )
    expect(stdout.trim().split('\n').sort()).toEqual([
      'db r/db:1 running node-1',
      'web r/web:1 running node-1',
    ])
    expect(await ok(FILE, 'deploy', 'ps', 'web')).toContain('NODE')
  })

  test.each([['ps'], ['logs']])('is asked by %s for no service that nobody knows', async command => {
    await ok(FILE, 'deploy')
    const { status, stderr } = await run(FILE, 'deploy', command, 'nobody')
    expect([status, stderr.includes('NO_SUCH_SERVICE')]).toEqual([1, true])
  })

  test('has its logs shown, of all pods', async () => {
    await ok(FILE, 'deploy')
    for (const [image, name] of [
      ['r/web:1', 'web'],
      ['r/db:1', 'db'],
    ] as const)
      cluster.server.logs.write(
        `${await podOf(image)}/${name}`,
        `2026-11-29T12:00:01Z one of ${name}`,
        `2026-11-29T12:00:02Z two of ${name}`,
      )
    const all = await ok(FILE, 'deploy', 'logs', '--no-log-prefix')
    expect(all.trim().split('\n').sort()).toEqual(['one of db', 'one of web', 'two of db', 'two of web'])
    expect(await ok(FILE, 'deploy', 'logs', '--no-log-prefix', '--tail', '1', 'web')).toBe('two of web\n')
  })

  test('has other numbers of pods until the next deploy', async () => {
    await ok(FILE, 'deploy')
    await ok(FILE, 'deploy', 'scale', 'web=3')
    expect(replicasOf('web')).toBe(3)
    expect(lines(await ok(FILE, 'deploy', 'plan'))).toEqual(['~ Deployment web  spec.replicas: 3 → 1'])
    expect((await run(FILE, 'deploy', 'scale', 'nobody=1')).stderr).toContain('NO_SUCH_SERVICE')
  })

  test('goes back to the pods that it had before, and the next deploy to the file', async () => {
    await ok(FILE, 'deploy')
    const changed = FILE.replace('web:1', 'web:2')
    await ok(changed, 'deploy')
    await ok(changed, 'deploy', '--rollback')
    expect(stringify(there('deployments', 'web'))).toContain('"r/web:1"')
    const plan = lines(await ok(changed, 'deploy', 'plan'))
    expect(plan).toEqual([
      '~ Deployment web  spec.template.spec.containers[web].image: "r/web:1" → "r/web:2"',
    ])
    await ok(changed, 'deploy')
    expect(lines(await ok(changed, 'deploy', 'plan'))).toEqual([])
  })

  test('is gone after down, but for volumes and their namespace, and wholly with -v', async () => {
    await ok(FILE, 'deploy')
    expect(await ok(FILE, 'deploy', 'down')).toContain('KUBERNETES_KEPT')
    expect(there('deployments', 'web')).toBeUndefined()
    expect(cluster.server.store.list('pods', 'shop')).toEqual([])
    expect(there('persistentvolumeclaims', 'shop-data')).toBeDefined()
    await ok(FILE, 'deploy', 'down', '-v')
    expect(cluster.server.store.get('namespaces', '', 'shop')).toBeUndefined()
  })

  test('leaves a namespace in which others are', async () => {
    await ok(FILE, 'deploy')
    cluster.server.store.set('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'mine', namespace: 'shop' },
    })
    expect(await ok(FILE, 'deploy', 'down', '-v')).toContain('ConfigMap mine is in it')
    expect(cluster.server.store.get('namespaces', '', 'shop')).toBeDefined()
  })
})
