import { setTimeout } from 'node:timers/promises'
import { Failure } from '../../../diagnostics/index.ts'
import { stopAttached, upAttached } from '../../../project/attached/attached-up.ts'
import { LogFollower } from '../../../project/attached/follower.ts'
import type { ConnectedProject } from '../../../project/connected-project.ts'
import { connectEngine } from '../../../project/engine.ts'
import { Interrupted } from '../../../project/failures.ts'
import type { CommandContext } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { useColor } from '../../global-options.ts'
import { type InterruptSignals, watchInterrupts } from '../../interrupt.ts'
import { given } from '../../option.ts'
import { warnOfGap } from '../../views/log-gap.ts'
import { LogPrinter } from '../../views/log-printer.ts'
import { printDiagnostics, showWork } from '../../work.ts'
import { watchPrinter } from '../watch/print.ts'
import { askForVolumes } from './ask-volumes.ts'
import { Menu, type MenuKey } from './menu.ts'
import type { UpOptions } from './options.ts'

/** In front of what a watch does: it stands between lines of containers. */
const MARK = '⦿ '

/** Milliseconds that last lines of stopped containers are waited for. */
const LAST_LINES = 3_000

/**
 * `up` without -d: attaches to each container before it starts, so that no line is lost, and stays until all have
 * ended, one of them ends the rest, or Ctrl-C does. Returns the exit status.
 */
export async function attachAll(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
): Promise<number> {
  const menu = options.menu && hasKeys(context) ? new Menu(context) : undefined
  const shown = menu === undefined ? context : { ...context, streams: menu.streams }
  const interrupts = watchInterrupts(context.signals)
  const follower = makeFollower(shown, connected, options)
  try {
    return await attachUntilEnd({ context: shown, connected, options, follower, interrupts }, menu)
  } finally {
    menu?.close()
    interrupts.dispose()
    follower.close()
  }
}

/** One attached `up`. */
interface Attached {
  readonly context: CommandContext
  readonly connected: ConnectedProject
  readonly options: UpOptions
  readonly follower: LogFollower
  readonly interrupts: InterruptSignals
}

/** Whether somebody may press keys and see what they do. */
function hasKeys({ streams: { stdin, stdout } }: CommandContext): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

async function attachUntilEnd(attached: Attached, menu: Menu | undefined): Promise<number> {
  const { context, connected, options, follower, interrupts } = attached
  if ((await startAll(context, connected, options, follower, interrupts)) === 'interrupted')
    return await stopOnInterrupt(context, connected, options, follower, interrupts)
  await follower.attachRunning()
  const watch = new WatchSwitch(
    () => startWatch(context, connected, options, follower, interrupts),
    ({ diagnostics }) => {
      printDiagnostics(context, diagnostics)
      menu?.draw()
    },
  )
  if (options.watch) watch.turnOn()
  const detached = new AbortController()
  if (menu !== undefined) menu.open(await keysOf(attached, watch, () => detached.abort()))
  const outcome = await Promise.race([
    follower.ended(),
    aborted(interrupts.graceful, 'interrupted'),
    aborted(detached.signal, 'detached'),
    watch.failed,
  ]).finally(() => menu?.close())
  await watch.turnOff()
  if (outcome === 'detached') return EXIT.ok
  if (outcome === 'interrupted')
    return await stopOnInterrupt(context, connected, options, follower, interrupts)
  if (outcome === 'stop others') await stopAll(context, connected, options, follower, interrupts)
  return follower.exitStatus(outcome)
}

/** As Docker Compose's, but for what its Desktop does; a project that cannot be watched has no key for that. */
async function keysOf(
  { connected, options }: Attached,
  watch: WatchSwitch,
  detach: () => void,
): Promise<MenuKey[]> {
  const { isWatchable } = await import('../../../project/watch/rules.ts')
  const watchKey: MenuKey = {
    key: 'w',
    label: () => (watch.isOn ? 'Disable Watch' : 'Enable Watch'),
    press: () => watch.toggle(),
  }
  return [
    ...(isWatchable(connected.project, options.plan.services) ? [watchKey] : []),
    { key: 'd', label: () => 'Detach', press: detach },
  ]
}

/** A watch that is turned on and off. One that was asked for by a key ends alone when it fails, and `tell` says why. */
class WatchSwitch {
  readonly #start: () => Watching
  readonly #tell: (cause: Failure) => void
  #watching: Watching | undefined
  #onFailure: (error: unknown) => void = () => undefined
  /** Rejects when a watch has failed that `up` was asked for, or by what nobody expects. */
  readonly failed: Promise<never> = new Promise((_resolve, reject) => {
    this.#onFailure = reject
  })

  constructor(start: () => Watching, tell: (cause: Failure) => void) {
    this.#start = start
    this.#tell = tell
  }

  get isOn(): boolean {
    return this.#watching !== undefined
  }

  turnOn(): void {
    this.#watching = this.#start()
    this.#watching.failed.catch(this.#onFailure)
  }

  async turnOff(): Promise<void> {
    const watching = this.#watching
    this.#watching = undefined
    await watching?.end()
  }

  async toggle(): Promise<void> {
    if (this.#watching !== undefined) return this.turnOff()
    const watching = this.#start()
    this.#watching = watching
    watching.failed.catch(error => {
      if (!(error instanceof Failure)) return this.#onFailure(error)
      if (this.#watching === watching) this.#watching = undefined
      this.#tell(error)
    })
  }
}

/** Executes the plan; one that was interrupted in its middle has started containers, which are to be stopped, too. */
async function startAll(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
  follower: LogFollower,
  { graceful: signal }: InterruptSignals,
): Promise<'interrupted' | undefined> {
  let isStarting = false
  // Said where the logs begin, below what was drawn until then.
  let attachingTo: readonly string[] = []
  const sayOnce = (): void => {
    if (attachingTo.length > 0) context.streams.stdout.write(`Attaching to ${attachingTo.join(', ')}\n`)
    attachingTo = []
  }
  const view = { quietBuild: options.quietBuild, besideLogs: 'from first start' } as const
  try {
    await showWork(context, view, work =>
      upAttached(connected, follower, {
        ...options.plan,
        ...work,
        signal,
        approveVolumes: volumes => askForVolumes(context, volumes, signal),
        onAttach: names => {
          attachingTo = names
        },
        beforeStart: async container => {
          isStarting = true
          await work.beforeStart?.(container)
          sayOnce()
        },
      }),
    )
  } catch (error) {
    if (error instanceof Interrupted && isStarting) return 'interrupted'
    throw error
  }
  sayOnce()
  return undefined
}

/** A watch beside the logs. */
interface Watching {
  readonly failed: Promise<never>
  readonly end: () => Promise<void>
}

/** Watches beside the logs, and follows what it makes anew. */
function startWatch(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
  follower: LogFollower,
  { graceful }: InterruptSignals,
): Watching {
  const ending = new AbortController()
  const signal = AbortSignal.any([graceful, ending.signal])
  const { services = [] } = options.plan
  const view = { quietBuild: options.quietBuild, besideLogs: 'always' } as const
  const watch = async (): Promise<void> => {
    const { watchProject } = await import('../../../project/watch/project-watch.ts')
    await watchProject(connected, {
      services,
      prune: true,
      signal,
      onEvent: watchPrinter(context, MARK),
      perform: run =>
        follower.whileReplacing(() =>
          showWork(context, view, work =>
            run({ ...work, signal, beforeStart: async container => void (await follower.attach(container)) }),
          ),
        ),
    })
  }
  const watching = watch()
  return {
    failed: new Promise((_resolve, reject) => watching.catch(reject)),
    end: async () => {
      ending.abort()
      await watching
    },
  }
}

function makeFollower(context: CommandContext, connected: ConnectedProject, options: UpOptions): LogFollower {
  const { project, docker } = connected
  const { stdout, stderr } = context.streams
  const printer = new LogPrinter({
    stdout,
    stderr,
    color: options.look.color && useColor(context.globals, stdout, context.env),
    prefix: options.look.prefix,
    ...(options.look.timestamps ? { clock: () => new Date().toISOString() } : {}),
  })
  return new LogFollower({
    docker,
    project,
    printer,
    attach: options.attach,
    services: options.plan.services ?? [],
    reconnect: () => connectEngine(context.env),
    onGap: (name, gap) => warnOfGap(context, name, gap),
  })
}

function aborted<const W extends string>(signal: AbortSignal, word: W): Promise<W> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(word)
    else signal.addEventListener('abort', () => resolve(word), { once: true })
  })
}

async function stopOnInterrupt(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
  follower: LogFollower,
  interrupts: InterruptSignals,
): Promise<number> {
  const { stdout } = context.streams
  // A terminal has shown ^C.
  stdout.write(`${stdout.isTTY === true ? '\n' : ''}Gracefully Stopping... press Ctrl+C again to force\n`)
  await stopAll(context, connected, options, follower, interrupts)
  return EXIT.interrupted
}

/** Stops what this `up` started, showing its last lines; a second Ctrl-C kills it. */
async function stopAll(
  context: CommandContext,
  connected: ConnectedProject,
  options: UpOptions,
  follower: LogFollower,
  interrupts: InterruptSignals,
): Promise<void> {
  const { services = [], timeout } = options.plan
  await showWork(context, { besideLogs: 'always' }, work =>
    stopAttached(connected, { ...work, services, ...given({ timeout }), force: interrupts.force }),
  )
  await Promise.race([follower.stopped(), setTimeout(LAST_LINES, undefined, { ref: false })])
}
