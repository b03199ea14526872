import { poll } from '../delay.ts'
import type { Executor } from '../execution.ts'
import { isCompleted, isHealthy } from '../readiness.ts'

/** Looks at the container until it is as its dependents need it. */
export const waitDependency: Executor<'waitDependency'> = async (operation, { execution }) => {
  const { container: ref, serviceName, condition } = operation
  const container = execution.container(ref)
  await poll(async () => {
    const inspect = await container.inspect()
    const isThere =
      condition === 'healthy' ? isHealthy(ref.name, inspect) : isCompleted(ref.name, serviceName, inspect)
    return isThere || undefined
  }, execution.options.signal)
}
