import type { Diagnostic } from '../diagnostics/index.ts'
import type { Observed } from '../planner/index.ts'
import type { ConnectedProject } from './connected-project.ts'
import { environmentOf, isForeign } from './target.ts'

/** Has the engine put right what drifts of a project as it goes, or not any more; `before`: what was there when it was looked at. */
export async function switchMending(
  { docker, project, target }: ConnectedProject,
  isOn: boolean,
  before: Pick<Observed, 'containers'> | undefined,
  warn: (diagnostics: readonly Diagnostic[]) => void,
): Promise<void> {
  if (isForeign(environmentOf(target))) {
    if (isOn) warn([NOT_THERE])
    return
  }
  const isMended = before?.containers.some(({ mended }) => mended === true) === true
  if (isOn || isMended) await docker.mendProject(project.name, isOn)
}

const NOT_THERE: Diagnostic = {
  severity: 'warning',
  code: 'REPAIR_FOREIGN',
  summary: 'a Docker Engine puts nothing right in the kernel: --repair has no effect',
}
