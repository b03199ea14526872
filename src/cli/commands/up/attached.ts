import { execute, observe } from '../../../executor/index.ts'
import { planKill, planStop, planUp } from '../../../planner/index.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { type InterruptSignals, watchInterrupts } from '../../interrupt.ts'
import { exclusively, runPlan, type Session } from '../../session.ts'
import { LogPrinter } from '../../views/log-printer.ts'
import { LogFollower } from './follower.ts'
import type { UpOptions } from './options.ts'

/**
 * `up` without -d: attaches to each container before it starts, so that no line is lost, and stays until all have
 * ended, one of them ends the rest, or Ctrl-C does. Returns the exit status.
 */
export async function attachAll(session: Session, options: UpOptions): Promise<number> {
  const interrupts = watchInterrupts()
  const follower = makeFollower(session, options)
  try {
    const work = (): Promise<unknown> =>
      runPlan(session, observed => planUp(session.project, observed, options.plan), {
        quietBuild: options.quietBuild,
        signal: interrupts.graceful,
        beforeStart: container => follower.attach(container),
      })
    await exclusively(session, 'tscompose up', work, interrupts.graceful)
    await follower.attachRunning()
    const outcome = await Promise.race([follower.ended(), aborted(interrupts.graceful)])
    if (outcome === 'interrupted') return await stopOnInterrupt(session, options, interrupts)
    if (outcome.stopOthers) await stopAll(session, options, interrupts)
    return outcome.exitCode
  } finally {
    interrupts.dispose()
    await follower.close()
  }
}

function makeFollower(session: Session, options: UpOptions): LogFollower {
  const { context, project, docker } = session
  const { stdout, stderr } = context.streams
  const printer = new LogPrinter({
    stdout,
    stderr,
    color: options.attach.color && useColor(context.globals, stdout, context.env),
    prefix: options.attach.prefix,
    ...(options.attach.timestamps ? { clock: () => new Date().toISOString() } : {}),
  })
  return new LogFollower({
    docker,
    project,
    printer,
    attach: options.attach,
    services: options.plan.services ?? [],
  })
}

function aborted(signal: AbortSignal): Promise<'interrupted'> {
  return new Promise(resolve => {
    if (signal.aborted) resolve('interrupted')
    else signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })
}

async function stopOnInterrupt(
  session: Session,
  options: UpOptions,
  interrupts: InterruptSignals,
): Promise<number> {
  session.context.streams.stderr.write('\nGracefully Stopping... press Ctrl+C again to force\n')
  await stopAll(session, options, interrupts)
  return EXIT.interrupted
}

/** Stops what this `up` started; a second Ctrl-C kills it. */
async function stopAll(session: Session, options: UpOptions, interrupts: InterruptSignals): Promise<void> {
  const { docker, project } = session
  const services = options.plan.services ?? []
  const { timeout } = options.plan
  const stopping = runPlan(session, observed =>
    planStop(project, observed, { services, ...(timeout === undefined ? {} : { timeout }) }),
  )
  const killing = aborted(interrupts.force).then(async () => {
    await execute(planKill(project, await observe(docker, project), { services }), docker, { project })
  })
  await Promise.race([stopping, killing])
  await stopping
}
