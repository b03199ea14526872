import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { Observed } from './observed.ts'
import type { UpOptions } from './options.ts'
import type { Plan } from './plan.ts'

/** What `up` (and `create`, `scale`) does to make `observed` what `project` wants; no operations when all is right. */
export function planUp(_project: Project, _observed: Observed, _options: UpOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planUp is being written' })
}
