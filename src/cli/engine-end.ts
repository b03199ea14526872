// The end of the engine's process. Crash-only: nothing here must run for the next engine to be right (docs/architecture.md).
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUILD_FILE, TOLD_FILE } from '../project/state-paths.ts'
import { IdleHeap } from './idle-heap.ts'

/** Milliseconds without client and container after which the engine ends: commands in a row share one engine. */
const LINGER = 1_000
/** The same until the first client: whoever has started the engine is on its way, maybe on a busy machine. */
const FIRST_LINGER = 10_000
/** Milliseconds that an engine which was told to end takes for it at most. */
const PATIENCE = 3_000

/** What the process is made of, and lets go of, as far as its end takes it. */
export interface EngineParts {
  readonly engine: {
    idle(): boolean
    hasRun(): boolean
    retire(): Promise<void>
    endProcesses(): void
    close(): Promise<void>
  }
  readonly server: {
    readonly idle: boolean
    retire(mayEnd: () => boolean): Promise<boolean>
    close(within: number): Promise<void>
  }
  /** Of commands. */
  readonly host: {
    readonly isBusy: boolean
    hide(): void
    show(): void
    close(within: number): Promise<boolean>
  }
  readonly native: { end(): void }
  readonly group: { leave(): Promise<void> }
  readonly run: string
  readonly socket: string
  /** Aborted when the engine is about to end. */
  readonly ending: AbortController
}

/** When somebody needed the engine last, by `performance.now()`. */
export class Need {
  #last = performance.now() + FIRST_LINGER - LINGER

  now(): void {
    this.#last = performance.now()
  }

  get isOver(): boolean {
    return performance.now() - this.#last >= LINGER
  }
}

/** Ends the process as soon as nobody needs it any more, is told to (SIGTERM), or has lost its place. */
export function endWithNeed(parts: EngineParts, need: Need): void {
  const { engine, server, host, socket, ending } = parts
  process.once('SIGTERM', () => void endAtOnce(parts))
  void watch()

  async function watch(): Promise<void> {
    const heap = new IdleHeap()
    do {
      await sleep(LINGER / 4)
      await heap.look()
      if (ending.signal.aborted) return
      if (!existsSync(socket) || !engine.hasRun()) await abandon(parts)
      if (!server.idle || !engine.idle() || host.isBusy) need.now()
    } while (!need.isOver || !(await retire(parts)))
    if (!ending.signal.aborted) await end(parts)
  }
}

/** Somebody has removed RUN, or its place is another engine's. A close would unlink that one's socket: the next adopts all. */
async function abandon(parts: EngineParts): Promise<void> {
  if (parts.engine.idle()) {
    parts.engine.endProcesses()
    await leaveGroup(parts)
  }
  die()
}

/** Containers run on, and keep the group; what is there for none of them goes. */
async function endAtOnce(parts: EngineParts): Promise<void> {
  const { engine, server, host, ending } = parts
  setTimeout(die, PATIENCE)
  // The end of a container that has just been stopped is awaited.
  for (let by = performance.now() + LINGER / 2; !engine.idle(); await sleep(10))
    if (performance.now() > by) die()
  if (ending.signal.aborted) return
  ending.abort()
  host.hide()
  await server.close(0)
  if (!engine.idle()) die()
  await end(parts)
}

async function end(parts: EngineParts): Promise<void> {
  const { engine, host, run } = parts
  parts.ending.abort()
  await engine.retire()
  await leaveGroup(parts)
  for (const name of [BUILD_FILE, TOLD_FILE]) rmSync(join(run, name), { force: true })
  const areWorkersOver = await host.close(LINGER)
  await engine.close()
  // Node would wait for a thread that hangs in a call of the kernel.
  if (areWorkersOver) process.exit(0)
  die()
}

/** A process of ours that waits for work would keep the group. */
async function leaveGroup({ ending, native, group }: EngineParts): Promise<void> {
  ending.abort()
  native.end()
  await group.leave()
}

/** Ends both servers unless there is somebody to serve; whether they have ended. */
async function retire({ engine, server, host }: EngineParts): Promise<boolean> {
  host.hide()
  const isOver = await server.retire(() => engine.idle() && !host.isBusy)
  if (!isOver) host.show()
  return isOver
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('killed')
}
