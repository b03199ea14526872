import { setTimeout } from 'node:timers/promises'
import { execute, observe } from '../../../executor/index.ts'
import { type Observed, type Plan, planKill, planStop, planUp } from '../../../planner/index.ts'
import { connectEngine } from '../../engine-start.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { Interrupted, type InterruptSignals, watchInterrupts } from '../../interrupt.ts'
import { exclusively, runPlan, type Session } from '../../session.ts'
import { LogPrinter } from '../../views/log-printer.ts'
import { askForVolumes } from './ask-volumes.ts'
import { LogFollower } from './follower.ts'
import type { UpOptions } from './options.ts'
import { replicasAfter } from './replicas.ts'

/** Milliseconds that last lines of stopped containers are waited for. */
const LAST_LINES = 3_000

/**
 * `up` without -d: attaches to each container before it starts, so that no line is lost, and stays until all have
 * ended, one of them ends the rest, or Ctrl-C does. Returns the exit status.
 */
export async function attachAll(session: Session, options: UpOptions): Promise<number> {
  const interrupts = watchInterrupts()
  const follower = makeFollower(session, options)
  try {
    const start = (): ReturnType<typeof startAll> => startAll(session, options, follower, interrupts)
    const end = await exclusively(session, 'tscompose up', start, interrupts.graceful)
    if (end !== 'interrupted') await follower.attachRunning()
    const outcome =
      end === 'interrupted' ? end : await Promise.race([follower.ended(), aborted(interrupts.graceful)])
    if (outcome === 'interrupted') return await stopOnInterrupt(session, options, follower, interrupts)
    if (outcome === 'stop others') await stopAll(session, options, follower, interrupts)
    return follower.exitStatus(outcome)
  } finally {
    interrupts.dispose()
    follower.close()
  }
}

/** Executes the plan; one that was interrupted in its middle has started containers, which are to be stopped, too. */
async function startAll(
  session: Session,
  options: UpOptions,
  follower: LogFollower,
  { graceful }: InterruptSignals,
): Promise<'interrupted' | undefined> {
  const { project, context } = session
  const makePlan = async (observed: Observed): Promise<Plan> => {
    const plan = await askForVolumes(
      context,
      planUp(project, observed, options.plan),
      recreateVolumes => planUp(project, observed, { ...options.plan, recreateVolumes }),
      graceful,
    )
    const names = follower.announce(replicasAfter(project, plan, observed))
    if (names.length > 0) context.streams.stderr.write(`Attaching to ${names.join(', ')}\n`)
    return plan
  }
  let isStarting = false
  try {
    await runPlan(session, makePlan, {
      quietBuild: options.quietBuild,
      signal: graceful,
      besideLogs: 'from first start',
      beforeStart: container => {
        isStarting = true
        return follower.attach(container)
      },
    })
  } catch (error) {
    if (error instanceof Interrupted && isStarting) return 'interrupted'
    throw error
  }
  return undefined
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
    reconnect: () => connectEngine(context),
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
  follower: LogFollower,
  interrupts: InterruptSignals,
): Promise<number> {
  session.context.streams.stderr.write('\nGracefully Stopping... press Ctrl+C again to force\n')
  await stopAll(session, options, follower, interrupts)
  return EXIT.interrupted
}

/** Stops what this `up` started, showing its last lines; a second Ctrl-C kills it. */
async function stopAll(
  session: Session,
  options: UpOptions,
  follower: LogFollower,
  interrupts: InterruptSignals,
): Promise<void> {
  const { docker, project } = session
  const { services = [], timeout } = options.plan
  const stopping = runPlan(
    session,
    observed => planStop(project, observed, { services, ...(timeout === undefined ? {} : { timeout }) }),
    { besideLogs: 'always' },
  )
  const killing = aborted(interrupts.force).then(async () => {
    await execute(planKill(project, await observe(docker, project), { services }), docker, { project })
  })
  await Promise.race([stopping, killing])
  await stopping
  await Promise.race([follower.stopped(), setTimeout(LAST_LINES, undefined, { ref: false })])
}
