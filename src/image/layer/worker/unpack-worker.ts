// What runs in a worker process of the engine: hashes, unpacks and frames layers, so that the engine is free to answer and stays
// small. It ends with the engine, or when that lets go of it.
import { createNative } from '../../../native/index.ts'
import { nativeTrees } from '../native-trees.ts'
import { type LayerUnpacker, unpackHere } from '../unpacker.ts'
import { type Order, problemOf, sentLayer, type Word } from './messages.ts'

/** The bytes of one layer, as they come from the engine. */
class Inbox {
  readonly #waiting: Buffer[] = []
  #state: 'open' | 'ended' | 'abandoned' = 'open'
  #wake: () => void = () => undefined

  push(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#wake()
  }

  close(state: 'ended' | 'abandoned'): void {
    this.#state = state
    this.#wake()
  }

  async *bytes(onTaken: (length: number) => void): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.#state === 'abandoned') throw new Error('abandoned')
      const next = this.#waiting.shift()
      if (next !== undefined) {
        yield next
        onTaken(next.length)
      } else if (this.#state === 'ended') return
      else
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
    }
  }
}

const inboxes = new Map<number, Inbox>()
let unpack: LayerUnpacker | undefined

process.title = 'tscompose-unpack'
process.umask(0o022)
process.on('disconnect', () => process.exit(0))
process.on('message', (order: Order) => {
  const { job } = order
  switch (order.kind) {
    case 'begin': {
      const inbox = new Inbox()
      inboxes.set(job, inbox)
      void work(order, inbox).then(say)
      break
    }
    case 'bytes':
      inboxes.get(job)?.push(Buffer.from(order.bytes.buffer, order.bytes.byteOffset, order.bytes.byteLength))
      break
    case 'end':
      inboxes.get(job)?.close('ended')
      break
    case 'abandon':
      inboxes.get(job)?.close('abandoned')
  }
})

function say(word: Word): void {
  // An engine that has been killed hears nothing more, which is no trouble of ours: we end with it.
  process.send?.(word, undefined, undefined, () => undefined)
}

async function work({ job, place }: Order & { kind: 'begin' }, inbox: Inbox): Promise<Word> {
  unpack ??= unpackHere(nativeTrees(createNative()))
  const onTaken = (length: number): void => say({ job, kind: 'taken', length })
  try {
    const layer = await unpack(() => inbox.bytes(onTaken), place, new AbortController().signal)
    return { job, kind: 'done', ...sentLayer(layer) }
  } catch (error) {
    return { job, kind: 'failed', problem: problemOf(error) }
  } finally {
    inboxes.delete(job)
  }
}
