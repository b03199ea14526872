import type { ContainerSummary } from '../api/types/index.ts'
import type { Diagnostic } from '../diagnostics/index.ts'
import { LABEL, type Plan } from '../planner/index.ts'
import type { ConnectedProject } from './connected-project.ts'
import { listProjectContainers } from './containers.ts'
import { environmentOf, isForeign } from './target.ts'

/** Warnings of names at localhost by which an instance's containers are not reached; of those that the plan started the engine has told. Code: NAME_SILENT. */
export async function silentNames(
  { docker, project, target }: ConnectedProject,
  plan: Plan,
): Promise<readonly Diagnostic[]> {
  if (project.instance === undefined || isForeign(environmentOf(target))) return []
  const started = plan.operations.flatMap(each =>
    each.type === 'startContainer' || each.type === 'restartContainer' ? each.container.name : [],
  )
  const containers = await listProjectContainers(docker, project.name, false)
  return containers.filter(({ Names }) => !started.some(name => Names.includes(`/${name}`))).flatMap(silentOf)
}

function silentOf({ Labels, TscomposeNames: names = [] }: ContainerSummary): Diagnostic[] {
  return names
    .filter(({ Answers }) => !Answers)
    .map(({ Host, Port }) => ({
      severity: 'warning',
      code: 'NAME_SILENT',
      summary: `${Host} does not answer on port ${Port}: somebody else has it at localhost; http://${Labels[LABEL.address]}:${Port} does`,
    }))
}
