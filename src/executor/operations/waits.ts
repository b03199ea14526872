import { poll } from '../delay.ts'
import type { Executor } from '../execution.ts'
import { withLastOutput } from '../last-output.ts'
import { isCompleted, isHealthy } from '../readiness.ts'
import { watchRestarts } from '../restarts.ts'

/** Looks at the container until it is as its dependents need it, or can not become so. */
export const waitDependency: Executor<'waitDependency'> = async (operation, { execution }) => {
  const { container: ref, serviceName, condition } = operation
  const container = execution.container(ref)
  const checkRestarts = watchRestarts(ref.name, serviceName)
  const isReady = condition === 'healthy' ? isHealthy : isCompleted
  const look = async (): Promise<true | undefined> => {
    const inspect = await container.inspect()
    if (isReady(ref.name, serviceName, inspect)) return true
    checkRestarts(inspect)
    return undefined
  }
  await withLastOutput(container, () => poll(look, execution.options.signal))
}
