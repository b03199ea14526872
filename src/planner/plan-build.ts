import { failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import type { BuildOptions } from './options.ts'
import type { Plan } from './plan.ts'

/** What `build` does: the images of the selected services, independent ones side by side. */
export function planBuild(_project: Project, _options: BuildOptions = {}): Plan {
  throw failure({ code: 'NOT_IMPLEMENTED', summary: 'planBuild is being written' })
}
