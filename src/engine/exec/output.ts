import type { Readable } from 'node:stream'
import type { OutputFrame } from '../../api/types/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'

/** So many chunks may wait for a slow client before the process is made to wait. */
const MOST_WAITING = 64

/** Both outputs of a process as one sequence of frames, which ends when `done` has resolved and both are read. */
export function mergeOutputs(
  streams: { readonly stdout?: Readable | undefined; readonly stderr?: Readable | undefined },
  done: Promise<unknown>,
): AsyncQueue<OutputFrame> {
  const queue = new AsyncQueue<OutputFrame>()
  const readers = (['stdout', 'stderr'] as const).flatMap(name => {
    const stream = streams[name]
    return stream === undefined ? [] : [pump(stream, name, queue)]
  })
  void Promise.all([...readers, done]).then(
    () => queue.end(),
    error => queue.end(error),
  )
  return queue
}

/** Resolves when the stream has ended. After the queue has ended the rest is read and dropped. */
async function pump(
  stream: Readable,
  name: 'stdout' | 'stderr',
  queue: AsyncQueue<OutputFrame>,
): Promise<void> {
  let dropped = false
  queue.onEnd(() => {
    dropped = true
  })
  for await (const chunk of stream) {
    if (dropped) continue
    queue.push({ stream: name, bytes: chunk as Buffer })
    await queue.roomBelow(MOST_WAITING)
  }
}
