import { failure } from '../diagnostics/index.ts'
import { type AttachedNumbers, type AttachedPrograms, decodeNumbers, encodeAttached } from './attach-wire.ts'
import { failureOf } from './failure.ts'
import { encodeFlowMatches, encodePeers, type FlowMatch, RULES } from './flow-wire.ts'
import type { RulesConnection, TablePlace } from './native.ts'
import type { Reply } from './reply.ts'
import type { Begin, NativeProcess } from './spawn.ts'

/** What a result is (native/rules/rules.c): of a list, or the place of something that another has changed. */
const CHANGED = 1
/** Something has changed, in whatever namespace. */
const STIRRED = 2

/** Connects to nf_tables. */
export async function openRules(
  begin: Begin,
  onForeign: (changed: readonly TablePlace[]) => void,
): Promise<RulesConnection> {
  const process = await begin('rules', {})
  const first = await process.nextReply()
  if (first.errno !== 0) {
    process.control.destroy()
    throw failureOf({}, first)
  }
  return new Session(process, onForeign)
}

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

class Session implements RulesConnection {
  readonly #process: NativeProcess
  /** The answers come in the order of the requests. */
  readonly #waiting: Waiting[] = []
  #isOpen = true
  #onStir: () => void = () => undefined

  constructor(process: NativeProcess, onForeign: (changed: readonly TablePlace[]) => void) {
    this.#process = process
    process.control.unref()
    void this.#hear(onForeign)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  async change(batch: Buffer): Promise<void> {
    await this.#ask(RULES.change, batch)
  }

  async list(request: Buffer): Promise<Buffer> {
    const { results } = await this.#ask(RULES.list, request)
    return results[0]?.bytes ?? Buffer.alloc(0)
  }

  async dropFlows(matches: readonly FlowMatch[]): Promise<void> {
    await this.#ask(RULES.flows, encodeFlowMatches(matches))
  }

  async endPeers(addresses: readonly Uint8Array[]): Promise<void> {
    await this.#ask(RULES.peers, encodePeers(addresses))
  }

  async watch(onStir: () => void): Promise<void> {
    this.#onStir = onStir
    await this.#ask(RULES.watch, Buffer.alloc(0))
  }

  async attach(programs: AttachedPrograms): Promise<AttachedNumbers | undefined> {
    const { results } = await this.#ask(RULES.attach, encodeAttached(programs))
    const { bytes } = results[0] ?? {}
    return bytes && decodeNumbers(bytes)
  }

  close(): void {
    this.#isOpen = false
    this.#process.control.destroy()
  }

  async #ask(kind: number, bytes: Buffer): Promise<Reply> {
    if (!this.#isOpen) throw gone()
    const head = Buffer.alloc(8)
    head.writeUInt32LE(kind, 0)
    head.writeUInt32LE(bytes.length, 4)
    const answer = new Promise<Reply>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    // Only who waits for an answer is kept from ending by this.
    this.#process.control.ref()
    this.#process.control.write(Buffer.concat([head, bytes]))
    const reply = await answer.finally(() => this.#rest())
    if (reply.errno !== 0) throw failureOf({}, reply)
    return reply
  }

  #rest(): void {
    if (this.#waiting.length === 0) this.#process.control.unref()
  }

  async #hear(onForeign: (changed: readonly TablePlace[]) => void): Promise<void> {
    try {
      for (;;) {
        const reply = await this.#process.nextReply()
        if (reply.results[0]?.opIndex === STIRRED) {
          this.#onStir()
          continue
        }
        const changed = placesOf(reply)
        if (changed === undefined) this.#waiting.shift()?.resolve(reply)
        else onForeign(changed)
      }
    } catch (error) {
      const wasOpen = this.#isOpen
      this.#isOpen = false
      for (const each of this.#waiting.splice(0)) each.reject(error)
      // Nobody watches now: what others do meanwhile is not known.
      if (wasOpen) onForeign(['unknown'])
    }
  }
}

/** The places that a reply tells of; undefined for one that is an answer. */
function placesOf({ errno, opIndex, results }: Reply): TablePlace[] | undefined {
  if (errno !== 0 && opIndex === CHANGED) return ['unknown']
  if (results[0]?.opIndex !== CHANGED) return undefined
  return results.map(({ bytes }) =>
    bytes.length < 9
      ? 'unknown'
      : { family: bytes.readUInt8(0), table: bytes.toString('utf8', 8, bytes.length - 1) },
  )
}

function gone(): Error {
  return failure({ code: 'NATIVE_DIED', summary: 'The connection to nf_tables is closed' })
}
