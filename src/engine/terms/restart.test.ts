import { expect, test } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { refusals } from './refusals.test-support.ts'
import { restartOf } from './restart.ts'

test.each<[HostConfig, object]>([
  [{}, { policy: 'no', most: 0, removed: false, unhealthy: false }],
  [{ RestartPolicy: { Name: '' } }, { policy: 'no', most: 0, removed: false, unhealthy: false }],
  [{ RestartPolicy: { Name: 'always' } }, { policy: 'always', most: 0, removed: false, unhealthy: false }],
  [
    { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    { policy: 'on-failure', most: 3, removed: false, unhealthy: false },
  ],
  [{ AutoRemove: true }, { policy: 'no', most: 0, removed: true, unhealthy: false }],
  [
    { RestartPolicy: { TscomposeUnhealthy: true } },
    { policy: 'no', most: 0, removed: false, unhealthy: true },
  ],
])('%j', (host, terms) => {
  expect(termsOf({}, host).restart).toEqual(terms)
})

test.each<[HostConfig, string]>([
  [{ RestartPolicy: { Name: 'sometimes' as 'always' } }, 'RESTART_INVALID HostConfig.RestartPolicy'],
  [{ RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }, 'RESTART_INVALID HostConfig.RestartPolicy'],
  [
    { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: -1 } },
    'RESTART_INVALID HostConfig.RestartPolicy',
  ],
  [
    { AutoRemove: true, RestartPolicy: { TscomposeUnhealthy: true } },
    'RESTART_INVALID HostConfig.AutoRemove',
  ],
  [{ AutoRemove: true, RestartPolicy: { Name: 'always' } }, 'RESTART_INVALID HostConfig.AutoRemove'],
])('%j is refused', (host, refusal) => {
  expect(refusals({}, host)).toEqual([refusal])
})

test('of its restarts those are left that other monitors have not used up', () => {
  const policy = 'on-failure'
  expect(restartOf({ policy, most: 3 }, 1)).toEqual({ restart: policy, restartMax: 2 })
  expect(restartOf({ policy, most: 3 }, 3)).toEqual({ restart: 'no', restartMax: 0 })
  expect(restartOf({ policy, most: 0 }, 9)).toEqual({ restart: policy, restartMax: 0 })
})
