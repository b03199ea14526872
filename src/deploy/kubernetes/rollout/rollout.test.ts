import { describe, expect, test } from 'vitest'
import { type Started, startServer } from '../api-server.test-support.ts'
import { accessOf } from '../cluster/access.ts'
import { ClusterClient } from '../cluster/client.ts'
import { Connection } from '../cluster/connection.ts'
import type { ClusterObject } from '../cluster/object.ts'
import { followLogs } from './follow-logs.ts'
import { troubleOf } from './pod-trouble.ts'
import { containersOf, statusOf } from './pods.ts'
import { stateOf } from './workload-state.ts'

const object = (kind: string, content: object, generation = 2): ClusterObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', generation },
  ...content,
})
const kindOf = (...of: Parameters<typeof object>): string => stateOf(object(...of)).kind

describe('a workload', () => {
  const done = {
    observedGeneration: 2,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    readyReplicas: 2,
  }
  const spec = { replicas: 2 }

  test('is ready when all of its pods are of the newest form, and no others are left', () => {
    expect(kindOf('Deployment', { spec, status: done })).toBe('ready')
    expect(kindOf('Deployment', { spec, status: { ...done, observedGeneration: 1 } })).toBe('waiting')
    expect(kindOf('Deployment', { spec, status: { ...done, updatedReplicas: 1 } })).toBe('waiting')
    expect(kindOf('Deployment', { spec, status: { ...done, replicas: 3 } })).toBe('waiting')
    expect(kindOf('Deployment', { spec, status: { ...done, availableReplicas: 1 } })).toBe('waiting')
    expect(kindOf('StatefulSet', { spec, status: { ...done, readyReplicas: 1 } })).toBe('waiting')
    expect(kindOf('Deployment', { spec: { replicas: 0 }, status: { observedGeneration: 2 } })).toBe('ready')
  })

  test('on each node is ready when it is on all of them', () => {
    const status = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3 }
    expect(kindOf('DaemonSet', { status: { ...status, numberAvailable: 3 } })).toBe('ready')
    expect(kindOf('DaemonSet', { status: { ...status, numberAvailable: 2 } })).toBe('waiting')
  })

  test('that runs to its end is ready when it has, as often as it is to', () => {
    expect(kindOf('Job', { spec: {}, status: { succeeded: 1 } })).toBe('ready')
    expect(kindOf('Job', { spec: { completions: 2 }, status: { succeeded: 1 } })).toBe('waiting')
    const conditions = [{ type: 'Failed', status: 'True', message: 'too often' }]
    expect(stateOf(object('Job', { status: { conditions } }))).toEqual({
      kind: 'failed',
      reason: 'it has failed: too often',
    })
  })

  test('makes no progress, or no pods, by its own word', () => {
    for (const [type, status] of [
      ['Progressing', 'False'],
      ['ReplicaFailure', 'True'],
    ] as const) {
      const conditions = [{ type, status, message: 'why' }]
      expect(kindOf('Deployment', { spec, status: { ...done, availableReplicas: 0, conditions } })).toBe(
        'failed',
      )
    }
  })
})

describe('a pod', () => {
  const pod = (container: object, more: object = {}): ClusterObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'r/c:1', readinessProbe: {} }] },
    status: { containerStatuses: [{ name: 'c', ...container }], ...more },
  })
  const waiting = (reason: string, more: object = {}): ClusterObject =>
    pod({ state: { waiting: { reason, message: 'm' } }, ...more })

  test.each([
    ['ErrImagePull', 0, false],
    ['ImagePullBackOff', 0, true],
    ['InvalidImageName', 0, true],
    ['CreateContainerConfigError', 0, true],
    ['CrashLoopBackOff', 1, false],
    ['CrashLoopBackOff', 3, true],
  ])('that waits for %s after %i restarts will lastingly not run: %s', (reason, restartCount, isLasting) => {
    expect(troubleOf(waiting(reason, { restartCount }))?.isLasting).toBe(isLasting)
  })

  test('in no trouble has none: one that is made, that runs, that has done its work, that is being removed', () => {
    expect(troubleOf(waiting('ContainerCreating'))).toBeUndefined()
    expect(troubleOf(pod({ state: { running: {} } }))).toBeUndefined()
    expect(troubleOf(pod({ state: { terminated: { exitCode: 0 } } }, { phase: 'Succeeded' }))).toBeUndefined()
    const removed = waiting('ImagePullBackOff')
    expect(troubleOf({ ...removed, metadata: { name: 'p', deletionTimestamp: 'now' } })).toBeUndefined()
  })

  test('that needs more memory than it may have says so, and which lines to read', () => {
    const ended = { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } }, restartCount: 9 }
    const trouble = troubleOf(waiting('CrashLoopBackOff', ended))
    expect(trouble?.reason).toContain('more memory')
    expect(trouble?.container).toEqual({ name: 'c', isPrevious: true })
  })

  test('that does not answer its health check has what its events say', () => {
    const trouble = troubleOf(pod({ state: { running: {} } }), ['pulled', 'Readiness probe failed: 500'])
    expect(trouble?.reason).toContain('Readiness probe failed: 500')
  })

  test('is listed in the words that an engine has', () => {
    const shown = (state: object, more: object = {}): string[] =>
      containersOf(pod({ state, ...more })).map(each => statusOf(each, 1_000_000_060))
    const startedAt = '2001-09-09T01:46:40Z'
    expect(shown({ running: { startedAt } }, { ready: true })).toEqual(['Up About a minute (healthy)'])
    expect(shown({ running: { startedAt } })).toEqual(['Up About a minute (not ready)'])
    expect(shown({ terminated: { exitCode: 3, finishedAt: startedAt } })).toEqual([
      'Exited (3) About a minute ago',
    ])
    expect(shown({ waiting: { reason: 'ImagePullBackOff' } })).toEqual(['Waiting (ImagePullBackOff)'])
  })
})

describe('logs that are followed', () => {
  test('come whole and once, whatever is cut, and from pods that come later', async () => {
    const cluster: Started = await startServer()
    const connection = new Connection(accessOf({ env: {}, cwd: '/', kubeconfig: cluster.kubeconfig }))
    const end = new AbortController()
    const lines: string[] = []
    const heard = new EventTarget()
    const until = async (count: number): Promise<void> => {
      while (lines.length < count)
        await new Promise(resolve => heard.addEventListener('line', resolve, { once: true }))
    }
    const run = (name: string): void =>
      void cluster.server.store.set('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'n', labels: { app: 'a' } },
        spec: { containers: [{ name: 'c', image: 'r' }] },
        status: { containerStatuses: [{ name: 'c', state: { running: { startedAt: 'x' } } }] },
      })
    const at = (second: number, text: string): string => `2026-01-01T00:00:0${second}.5Z ${text}`
    try {
      run('one')
      cluster.server.logs.write('one/c', at(1, 'a'), at(1, 'b'))
      const following = followLogs(
        new ClusterClient(connection),
        { namespace: 'n', selector: 'app=a', services: new Set(), follow: true },
        {
          register: () => undefined,
          line: (name, _, text) => {
            lines.push(`${name} ${text}`)
            heard.dispatchEvent(new Event('line'))
          },
          room: () => undefined,
        },
        end.signal,
      )
      await until(2)
      cluster.server.cut()
      cluster.server.logs.write('one/c', at(1, 'c'), at(2, 'd'))
      await until(4)
      run('two')
      cluster.server.logs.write('two/c', at(3, 'e'))
      await until(5)
      end.abort()
      await following
      expect(lines).toEqual(['one a', 'one b', 'one c', 'one d', 'two e'])
    } finally {
      end.abort()
      await connection.close()
      await cluster.end()
    }
  })
})
