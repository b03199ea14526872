import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { failure } from '../../../diagnostics/index.ts'
import { started } from '../../../linux/started.ts'
import type { LayerUnpacker } from '../unpacker.ts'
import type { Word } from './messages.ts'
import { UnpackJob } from './unpack-job.ts'

/** Processes at most: each takes memory of its own, and zlib has threads besides. */
const MOST = Math.min(2, availableParallelism())
/** One that has had no work for so long ends. */
const IDLE_MS = 5_000

/** One process and what it works on. */
interface Worker {
  readonly child: ChildProcess
  readonly jobs: Map<number, UnpackJob>
  idle: NodeJS.Timeout | undefined
}

/**
 * Unpacks in processes of our own, which are started when there is work and end when there is none. (Threads would share the engine's
 * memory: what is freed late there, buffers of zlib above all, is its own.) `program` with the argument `unpack-worker` is the
 * other end (`unpack-worker.ts`). Those without work end at once when `ending` is aborted. Raises UNPACKER_DIED where one ends in
 * the middle.
 */
export function unpackInWorkers(program: string, ending?: AbortSignal): LayerUnpacker {
  const workers: Worker[] = []
  let jobs = 0
  ending?.addEventListener('abort', () => {
    for (const worker of workers.filter(each => each.jobs.size === 0)) dismiss(worker)
  })

  function freest(): Worker {
    const [first] = workers.toSorted((a, b) => a.jobs.size - b.jobs.size)
    return first !== undefined && (first.jobs.size === 0 || workers.length >= MOST) ? first : begin()
  }

  function begin(): Worker {
    const worker: Worker = { child: start(program), jobs: new Map(), idle: undefined }
    const { child } = worker
    const end = (cause: unknown): void => {
      forget(worker)
      for (const job of worker.jobs.values()) job.fail(died(cause))
    }
    child.on('message', (word: Word) => worker.jobs.get(word.job)?.hear(word))
    child.on('error', end)
    child.on('exit', (code, signal) => end(new Error(`it ended by ${signal ?? `exit code ${code}`}`)))
    workers.push(worker)
    return worker
  }

  function forget(worker: Worker): void {
    const at = workers.indexOf(worker)
    if (at >= 0) workers.splice(at, 1)
  }

  function rest(worker: Worker): void {
    hold(worker, false)
    worker.idle = setTimeout(() => dismiss(worker), IDLE_MS).unref()
  }

  function dismiss(worker: Worker): void {
    forget(worker)
    letGo(worker)
  }

  return async (open, place, signal) => {
    signal.throwIfAborted()
    const worker = freest()
    clearTimeout(worker.idle)
    hold(worker, true)
    jobs += 1
    const job = new UnpackJob(jobs, order => {
      // What cannot be told to one that has died is no loss: its end is told.
      worker.child.send(order, () => undefined)
    })
    worker.jobs.set(job.id, job)
    try {
      return await job.run(open, place, signal)
    } finally {
      worker.jobs.delete(job.id)
      if (worker.jobs.size === 0 && workers.includes(worker)) rest(worker)
    }
  }
}

function start(program: string): ChildProcess {
  const child = fork(program, ['unpack-worker'], {
    cwd: '/',
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Large pieces that live for long fill a nursery for nothing.
    execArgv: ['--max-semi-space-size=2'],
  })
  return started(child)
}

/** It ends by itself when nobody speaks to it any more. */
function letGo({ child, idle }: Worker): void {
  clearTimeout(idle)
  if (child.connected) child.disconnect()
}

/** Whether we stay for it: nothing waits for one without work. */
function hold({ child }: Worker, isHeld: boolean): void {
  if (isHeld) child.ref()
  else child.unref()
  if (isHeld) child.channel?.ref()
  else child.channel?.unref()
}

function died(cause: unknown): Error {
  return failure({
    code: 'UNPACKER_DIED',
    summary: 'the process that unpacks layers has ended in the middle',
    hint: 'pull again',
    cause,
  })
}
