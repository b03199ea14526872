import type { Plan } from '../../../planner/index.ts'
import { type ConnectedProject, connectProject } from '../../../project/connected-project.ts'
import { checkServices } from '../../../project/containers.ts'
import { bringUp } from '../../../project/up.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { given } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { showWork } from '../../work.ts'
import { askForVolumes } from './ask-volumes.ts'
import { attachAll } from './attached.ts'
import type { UpOptions } from './options.ts'

/** Brings the project up; attached unless the options say otherwise. Returns the exit status. */
export async function runUp(
  context: CommandContext,
  services: readonly string[],
  options: UpOptions,
): Promise<number> {
  const connected = await connectProject(targetOf(context), { services })
  const { only, except, exitCodeFrom } = options.attach
  const { model, disabledServices } = connected.project
  checkServices(
    [...Object.keys(model.services), ...Object.keys(disabledServices)],
    [...only, ...except, ...(exitCodeFrom === undefined ? [] : [exitCodeFrom])],
  )
  if (options.watch) {
    const { checkWatchable } = await import('../../../project/watch/rules.ts')
    checkWatchable(connected.project, services)
  }
  if (options.detach || options.plan.start === false || context.globals.dryRun) {
    await upDetached(context, connected, options)
    return EXIT.ok
  }
  return attachAll(context, connected, options)
}

async function upDetached(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
): Promise<void> {
  const interrupts = watchInterrupts(context.signals)
  const { graceful: signal } = interrupts
  try {
    const whenEmpty = (plan: Plan): string => `Nothing to do for project ${plan.project}`
    await showWork(context, { quietBuild: options.quietBuild, whenEmpty }, work =>
      bringUp(connected, {
        ...options.plan,
        ...work,
        signal,
        wait: options.wait,
        ...given({ waitTimeout: options.waitTimeout }),
        approveVolumes: volumes => askForVolumes(context, volumes, signal),
      }),
    )
  } finally {
    interrupts.dispose()
  }
}
