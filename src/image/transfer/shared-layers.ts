import type { Progress } from '../progress.ts'

type Tell = (progress: Progress) => void

/** A layer that somebody is fetching: whether it was got, and who else wants to know. */
interface Running {
  readonly got: Promise<boolean>
  readonly listeners: Set<Tell>
}

/** Layers on their way, by diff id: whoever wants one that another pull is fetching waits for it, and takes over where that fails. */
export class SharedLayers {
  readonly #running = new Map<string, Running>()

  /** Fetches a layer, or waits for who does. Raises what `fetch` raises, and the signal's reason. */
  async fetch(
    diffId: string,
    onProgress: Tell,
    signal: AbortSignal,
    fetch: (tell: Tell) => Promise<void>,
  ): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const other = this.#running.get(diffId)
      if (other === undefined) return await this.#lead(diffId, onProgress, fetch)
      if (await follow(other, onProgress, signal)) return
    }
  }

  async #lead(diffId: string, onProgress: Tell, fetch: (tell: Tell) => Promise<void>): Promise<void> {
    const listeners = new Set([onProgress])
    const fetching = fetch(progress => {
      for (const listener of listeners) listener(progress)
    }).finally(() => this.#running.delete(diffId))
    const got = fetching.then(
      () => true,
      () => false,
    )
    this.#running.set(diffId, { got, listeners })
    await fetching
  }
}

/** False where it was not got: the reason may be its fetcher's own, whose client has gone or has no right. */
async function follow({ got, listeners }: Running, onProgress: Tell, signal: AbortSignal): Promise<boolean> {
  listeners.add(onProgress)
  let leave: () => void = () => undefined
  const left = new Promise<boolean>(resolve => {
    leave = () => resolve(false)
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([got, left])
  } finally {
    signal.removeEventListener('abort', leave)
    listeners.delete(onProgress)
  }
}
