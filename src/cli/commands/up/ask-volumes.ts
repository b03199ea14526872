import type { Diagnostic } from '../../../diagnostics/index.ts'
import type { DivergedVolume } from '../../../planner/index.ts'
import type { CommandContext } from '../../command.ts'
import { confirm } from '../../views/confirm.ts'
import { printDiagnostics } from '../../work.ts'

/**
 * Volumes that are not as the file wants them lose their data when they are made anew: on a terminal each is asked for,
 * elsewhere they stay as they are, and how to agree is said. The names of those that were agreed to.
 */
export async function askForVolumes(
  context: CommandContext,
  volumes: readonly DivergedVolume[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdin, stderr } = context.streams
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    printDiagnostics(context, volumes.map(leftAsItIs))
    return []
  }
  const agreed: string[] = []
  for (const { name } of volumes) {
    const question = `Volume "${name}" exists but doesn't match configuration in compose file. Recreate (data will be lost)?`
    if (await confirm(context, question, signal)) agreed.push(name)
  }
  return agreed
}

/** VOLUME_DIVERGED */
export function leftAsItIs({ name, changes }: DivergedVolume): Diagnostic {
  const detail = changes.map(({ path, from, to }) => `${path}: ${from ?? 'absent'} → ${to ?? 'absent'}`)
  return {
    severity: 'warning',
    code: 'VOLUME_DIVERGED',
    summary: `volume "${name}" exists but doesn't match the Compose file; it is left as it is`,
    ...(detail.length === 0 ? {} : { detail: detail.join('\n') }),
    hint: 'recreate it with up -y (its data will be lost)',
  }
}
