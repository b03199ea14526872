import type { DivergedVolume, Plan } from '../../../planner/index.ts'
import type { CommandContext } from '../../command.ts'
import { printDiagnostics } from '../../session.ts'
import { confirm } from '../../views/confirm.ts'

/**
 * Volumes that are not as the file wants them lose their data when they are made anew: on a terminal each is asked for,
 * elsewhere they stay as they are, and how to agree is said. `replan` makes the plan with those that were agreed to.
 */
export async function askForVolumes(
  context: CommandContext,
  plan: Plan,
  replan: (agreed: readonly string[]) => Plan,
  signal: AbortSignal,
): Promise<Plan> {
  const { divergedVolumes } = plan
  if (divergedVolumes.length === 0 || context.globals.dryRun) return plan
  const { stdin, stderr } = context.streams
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    printDiagnostics(context, divergedVolumes.map(leftAsItIs))
    return plan
  }
  const agreed: string[] = []
  for (const { name } of divergedVolumes) {
    const question = `Volume "${name}" exists but doesn't match configuration in compose file. Recreate (data will be lost)?`
    if (await confirm(context, question, signal)) agreed.push(name)
  }
  return agreed.length === 0 ? plan : replan(agreed)
}

function leftAsItIs({ name, changes }: DivergedVolume) {
  const detail = changes.map(({ path, from, to }) => `${path}: ${from ?? 'absent'} → ${to ?? 'absent'}`)
  return {
    severity: 'warning',
    code: 'VOLUME_DIVERGED',
    summary: `volume "${name}" exists but doesn't match the Compose file; it is left as it is`,
    ...(detail.length === 0 ? {} : { detail: detail.join('\n') }),
    hint: 'recreate it with -y (its data will be lost)',
  } as const
}
