import { failure } from '../diagnostics/index.ts'
import type { Plan } from '../planner/index.ts'
import type { Docker } from './docker.ts'
import type { ExecuteOptions, ExecuteResult } from './options.ts'

/** Executes the plan, independent operations side by side. Does not throw for failed operations: see the result. */
export async function execute(
  _plan: Plan,
  _docker: Docker,
  _options: ExecuteOptions = {},
): Promise<ExecuteResult> {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'execute is being written' })
}
