import { describe, expect, test } from 'vitest'
import type { ServiceInspect, TaskInspect } from '../../../api/types/index.ts'
import { verdictOf } from './verdict.ts'

const TASK = { ContainerSpec: { Image: 'x:1' } }

type Given = Partial<Omit<ServiceInspect, 'Spec'>> & { readonly Spec?: Partial<ServiceInspect['Spec']> }

function service({ Spec, ...rest }: Given = {}): ServiceInspect {
  const time = { CreatedAt: '', UpdatedAt: '' }
  return {
    ID: 's',
    Version: { Index: 1 },
    ...time,
    Endpoint: { Spec: {} },
    ...rest,
    Spec: { Name: 'shop_web', TaskTemplate: TASK, Mode: { Replicated: { Replicas: 2 } }, ...Spec },
  }
}

let count = 0
function task(State: string, more: Partial<TaskInspect> & { readonly Err?: string } = {}): TaskInspect {
  count += 1
  const { Err, ...rest } = more
  const time = `2026-01-01T00:00:${String(count % 60).padStart(2, '0')}Z`
  const isOver = ['failed', 'rejected', 'complete', 'shutdown'].includes(State)
  return {
    ID: `t${count}`,
    Version: { Index: 1 },
    CreatedAt: time,
    UpdatedAt: time,
    ServiceID: 's',
    Slot: 1,
    DesiredState: isOver ? 'shutdown' : 'running',
    Spec: { ...TASK, Placement: { Platforms: [] } },
    Status: { Timestamp: time, State, ...(Err === undefined ? {} : { Err }) },
    ...rest,
  }
}

const patience = { before: new Set<string>(), isStuck: () => false }
const verdict = (of: ServiceInspect, tasks: readonly TaskInspect[]): string => {
  const found = verdictOf(of, tasks, patience)
  return found.kind === 'failed' ? `${found.code} ${found.summary}` : `${found.kind} ${found.detail}`
}

describe('a service', () => {
  test('runs when as many tasks as it wants do', () => {
    expect(verdict(service(), [task('running'), task('running', { Slot: 2 })])).toBe('running 2/2')
  })

  test('waits for those that do not yet, and says what the first does', () => {
    expect(verdict(service(), [task('running'), task('preparing', { Slot: 2 })])).toBe(
      'waiting 1/2, preparing',
    )
  })

  test('does not count tasks of what it was before', () => {
    const old = { Spec: { ContainerSpec: { Image: 'x:0' } } }
    expect(verdict(service(), [task('running', old), task('running', { ...old, Slot: 2 })])).toBe(
      'waiting 0/2',
    )
  })

  test('on each node wants as many tasks as there are nodes', () => {
    const global = service({
      Spec: { Mode: { Global: {} } },
      ServiceStatus: { RunningTasks: 1, DesiredTasks: 3, CompletedTasks: 0 },
    })
    expect(verdict(global, [task('running')])).toBe('waiting 1/3')
  })

  test('with no replicas runs at once', () => {
    expect(verdict(service({ Spec: { Mode: { Replicated: { Replicas: 0 } } } }), [])).toBe('running 0/0')
  })
})

describe('a service fails', () => {
  test('when one of its tasks has ended three times, and says why', () => {
    const failed = [1, 2, 3].map(() => task('rejected', { Err: 'No such image: x:1' }))
    expect(verdict(service(), failed.slice(1).concat(task('ready')))).toMatch(/^waiting/)
    expect(verdict(service(), [...failed, task('ready')])).toBe(
      'SWARM_TASKS_FAILED tasks of service "shop_web" end: No such image: x:1',
    )
  })

  test('when they end well, though they should go on', () => {
    const ended = [1, 2, 3].map(() => task('complete'))
    expect(verdict(service(), [...ended, task('ready')])).toMatch(/^SWARM_TASKS_FAILED/)
  })

  test('and names the last task that failed, whose log says more', () => {
    const [first, last] = [task('failed', { Err: 'exit 1' }), task('failed', { Err: 'exit 2' })]
    expect(verdictOf(service(), [last, first], patience)).toMatchObject({ task: { ID: last.ID } })
  })

  test('when nobody starts them again', () => {
    expect(verdict(service(), [task('failed', { Err: 'exit 1' })])).toMatch(/^SWARM_TASKS_FAILED .*exit 1$/)
  })

  test('when no node takes a task for long', () => {
    const found = verdictOf(service(), [task('pending', { Err: 'no suitable node' })], {
      ...patience,
      isStuck: () => true,
    })
    expect(found).toMatchObject({ kind: 'failed', code: 'SWARM_TASKS_FAILED' })
  })
})

describe('an update', () => {
  const updated = (State: string): ServiceInspect => service({ UpdateStatus: { State, Message: 'because' } })
  const running = [task('running'), task('running', { Slot: 2 })]

  test.each([
    ['updating', /^waiting updating/],
    ['rollback_started', /^waiting rolling back/],
    ['completed', /^running 2\/2/],
    ['paused', /^SWARM_UPDATE_PAUSED/],
    ['rollback_paused', /^SWARM_UPDATE_PAUSED/],
    ['rollback_completed', /^SWARM_ROLLED_BACK/],
  ])('that is %s', (state, expected) => {
    expect(verdict(updated(state), running)).toMatch(expected)
  })
})

describe('a job', () => {
  const job = (CompletedTasks: number, DesiredTasks: number, RunningTasks = 0): ServiceInspect =>
    service({
      Spec: { Mode: { ReplicatedJob: { TotalCompletions: 2 } } },
      ServiceStatus: { CompletedTasks, DesiredTasks, RunningTasks },
    })

  test('is done when its tasks are complete', () => {
    expect(verdict(job(1, 1, 1), [task('running')])).toMatch(/^waiting/)
    expect(verdict(job(2, 0), [task('complete'), task('complete')])).toBe('complete 2 complete')
  })

  test.each([
    'rollback_started',
    'updating',
  ])('is looked at itself: nobody ends an update that is %s', State => {
    const UpdateStatus = { State, Message: '' }
    const done = [task('complete'), task('complete')]
    expect(verdict({ ...job(2, 0), UpdateStatus }, done)).toBe('complete 2 complete')
    expect(verdict({ ...job(0, 1), UpdateStatus }, [task('failed', { Err: 'exit 1' })])).toMatch(
      /^SWARM_TASKS_FAILED/,
    )
  })

  test('whose tasks end once and for all has failed', () => {
    expect(verdict(job(0, 1), [task('failed', { Err: 'exit 1' })])).toMatch(/^SWARM_TASKS_FAILED/)
  })
})
