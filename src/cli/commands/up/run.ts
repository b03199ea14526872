import type { Plan } from '../../../planner/index.ts'
import { type ConnectedProject, connectProject } from '../../../project/connected-project.ts'
import { checkServices } from '../../../project/containers.ts'
import { bringUp } from '../../../project/up.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { watchInterrupts } from '../../interrupt.ts'
import { given } from '../../option.ts'
import { targetOf } from '../../target.ts'
import { statusStream } from '../../views/progress/index.ts'
import { showWork, tellDryRun } from '../../work.ts'
import { tellOutcome } from '../snapshot/told.ts'
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
  await putInFrom(context, connected, options)
  tellInstance(context, connected)
  if (options.detach || options.plan.start === false || context.globals.dryRun) {
    await upDetached(context, connected, options)
    return EXIT.ok
  }
  return attachAll(context, connected, options)
}

/** Where an instance is reached: nobody could guess it. */
function tellInstance(context: CommandContext, { project }: ConnectedProject): void {
  const { instance, name } = project
  if (instance?.address === undefined || context.globals.progress === 'quiet') return
  statusStream(context).write(`Instance ${instance.name}: project ${name}, ports at ${instance.address}\n`)
}

/** The data of a snapshot, where one is asked for, or where an `up` before this one was cut off before the project had it. */
async function putInFrom(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
): Promise<void> {
  const { unfinishedFilling } = await import('../../../project/fillings.ts')
  const unfinished = options.from === undefined ? unfinishedFilling(connected) : undefined
  if (unfinished !== undefined && context.globals.progress !== 'quiet')
    statusStream(context).write(
      `An up --from ${unfinished} was cut off before the data was there: it is ended first\n`,
    )
  const from = options.from ?? unfinished
  if (from !== undefined) await putIn(context, connected, from, options)
}

/** The containers and volumes are there before they get the data; then `up` starts what does not run. */
async function putIn(
  context: CommandContext,
  connected: ConnectedProject,
  name: string,
  { plan, quietBuild }: UpOptions,
): Promise<void> {
  const { createFromSnapshot, findSnapshot } = await import('../../../project/snapshots.ts')
  if (context.globals.dryRun) {
    const { Project, Name } = await findSnapshot(connected, name)
    return tellDryRun(context, [`put in the data of snapshot ${Project}/${Name}`])
  }
  const outcome = await showWork(context, { quietBuild }, work =>
    createFromSnapshot(connected, name, { ...plan, ...work }),
  )
  tellOutcome(context, 'Put in', outcome)
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
