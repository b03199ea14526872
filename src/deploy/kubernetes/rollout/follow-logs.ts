import { setTimeout as pause } from 'node:timers/promises'
import { isLaterThan } from '../../../notation/index.ts'
import type { ClusterClient, KindRef } from '../cluster/client.ts'
import { Refusal } from '../cluster/failure.ts'
import type { ClusterObject } from '../cluster/object.ts'
import { watch } from '../cluster/watch.ts'
import { containersOf } from './pods.ts'

/** What has logs. */
export const POD: KindRef = { apiVersion: 'v1', kind: 'Pod' }

/** Until a log is asked for again that has ended while its container goes on. */
const AGAIN_MS = 500

export interface LogsOptions {
  readonly namespace: string
  readonly selector: string
  /** Names in the cluster; empty: all. */
  readonly services: ReadonlySet<string>
  readonly follow: boolean
  readonly tail?: number | undefined
  /** Unix seconds. */
  readonly since?: number | undefined
  /** As text to the nanosecond. */
  readonly until?: number | string | undefined
}

/** Hears lines, each with its moment (RFC 3339): of `POD`, or `POD/CONTAINER` where a pod has several. */
export interface LogListener {
  register(name: string): void
  line(name: string, time: string, text: string): void
  room(): Promise<void> | undefined
}

/** Reads logs of all pods side by side; with `follow` those of pods that come later, too, until the signal. */
export async function followLogs(
  client: ClusterClient,
  options: LogsOptions,
  listener: LogListener,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, selector } = options
  const reading = new Map<string, Promise<void>>()
  const read = (pod: ClusterObject): void => {
    for (const { container, state, service } of containersOf(pod)) {
      if (options.services.size > 0 && !options.services.has(service)) continue
      const isSeveral = containersOf(pod).length > 1
      const name = isSeveral ? `${pod.metadata.name}/${container}` : pod.metadata.name
      // What has not started has written nothing.
      if (state === 'created' || reading.has(name)) continue
      listener.register(name)
      reading.set(name, new LogReader(client, options, listener, signal).read(pod, container, name))
    }
  }
  if (!options.follow) {
    for (const pod of (await client.list(POD, { namespace, selector })).items) read(pod)
    await Promise.all(reading.values())
    return
  }
  for await (const event of watch(client, POD, { namespace, selector }, signal)) {
    if (event.type === 'all') for (const pod of event.objects) read(pod)
    else if (event.type === 'changed') read(event.object)
  }
  await Promise.allSettled(reading.values())
}

class LogReader {
  readonly #client: ClusterClient
  readonly #options: LogsOptions
  readonly #listener: LogListener
  readonly #signal: AbortSignal
  /** Moment of the last line, and how many lines have the same one. */
  #last = ''
  #count = 0

  constructor(client: ClusterClient, options: LogsOptions, listener: LogListener, signal: AbortSignal) {
    this.#client = client
    this.#options = options
    this.#listener = listener
    this.#signal = signal
  }

  /** To the end, or for as long as the container, and those that come in its place, are there. */
  async read(pod: ClusterObject, container: string, name: string): Promise<void> {
    for (;;) {
      const isThere = await this.#readOnce(pod, container, name)
      if (!this.#options.follow || !isThere || this.#signal.aborted) return
      await pause(AGAIN_MS, undefined, { signal: this.#signal }).catch(() => undefined)
      const now = await this.#client.get(pod).catch(() => pod)
      if (now === undefined || now.metadata.uid !== pod.metadata.uid || isOver(now)) return
    }
  }

  /** False where there is no such container any more. */
  async #readOnce(pod: ClusterObject, container: string, name: string): Promise<boolean> {
    const { follow, tail, since, until } = this.#options
    const from = this.#last === '' ? since : Math.floor(Date.parse(this.#last) / 1000)
    // Lines that came already come again, since moments are asked for by the second.
    let toSkip = this.#count
    const last = this.#last
    try {
      const options = {
        container,
        follow,
        since: from,
        tail: last === '' ? tail : undefined,
        signal: this.#signal,
      }
      for await (const line of this.#client.log(pod, options)) {
        const [time, text] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
        if (time < last || (time === last && toSkip-- > 0)) continue
        if (until !== undefined && isLaterThan(time, until)) return false
        this.#count = time === this.#last ? this.#count + 1 : 1
        this.#last = time
        this.#listener.line(name, time, text)
        await this.#listener.room()
      }
    } catch (error) {
      if (error instanceof Refusal) return error.status.code !== 404
      if (!follow && !this.#signal.aborted) throw error
    }
    return true
  }
}

function isOver({ status = {} }: ClusterObject): boolean {
  return status['phase'] === 'Succeeded' || status['phase'] === 'Failed'
}
