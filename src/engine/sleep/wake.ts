import { setTimeout as pause } from 'node:timers/promises'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'

const LOOK_MILLISECONDS = 10
/** Beyond the grace of a run that is just ending. */
const PATIENCE = 10_000

/** Has a container that sleeps go on, or begin its next run, since somebody wants something of it; resolves when it runs. CONTAINER_ASLEEP. */
export async function wakeContainer(container: Container): Promise<void> {
  if (!container.asleep) return
  try {
    await container.live?.connection.sleep({ ask: 'wake' })
  } catch (error) {
    // Whoever wants it finds out what has become of it.
    if (!(error instanceof Failure && error.code === 'MONITOR_GONE')) throw error
  }
  const deadline = performance.now() + Math.max(0, container.terms.stop.grace) * 1000 + PATIENCE
  while (container.asleep) {
    if (performance.now() > deadline) throw staysAsleep(container)
    await pause(LOOK_MILLISECONDS)
  }
}

/** Does work for which containers must have their processes: those that sleep wake, and none falls asleep before it is done. CONTAINER_ASLEEP. */
export async function keepAwake<T>(containers: readonly Container[], work: () => Promise<T>): Promise<T> {
  const user = {}
  for (const { users } of containers) users.add(user)
  try {
    await Promise.all(containers.map(wakeContainer))
    return await work()
  } finally {
    for (const { users } of containers) users.delete(user)
  }
}

function staysAsleep({ name }: Container): Error {
  return failure({
    code: 'CONTAINER_ASLEEP',
    kind: 'unavailable',
    summary: `container ${name} does not wake`,
    hint: 'a process in uninterruptible sleep keeps its group from going on: restart the container',
  })
}
