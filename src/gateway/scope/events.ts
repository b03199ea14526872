import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { EventMessage } from '../../api/types/index.ts'
import type { EngineCalls } from './engine-calls.ts'
import { Holdings } from './holdings.ts'
import { isOf, type Scope } from './scope.ts'

/** Events of a scope's containers, networks and volumes, as lines; of images and of the engine itself there are none. */
export async function* scopedEvents(
  answer: Readable,
  engine: EngineCalls,
  scope: Scope,
): AsyncGenerator<string> {
  const belongs = new Belonging(engine, scope)
  for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue
    const event = JSON.parse(line) as EventMessage
    if (await belongs.has(event)) yield `${JSON.stringify(scope.showEnv ? event : withoutCommand(event))}\n`
  }
}

/** The command of an `exec` is somebody's at a keyboard, and may have a password in it. */
function withoutCommand(event: EventMessage): EventMessage {
  const [action = ''] = event.Action.split(':', 1)
  if (!action.startsWith('exec_')) return event
  return { ...event, Action: action, ...(event.status === undefined ? {} : { status: action }) }
}

/** Whose an event is: a container says it by its labels; others are looked up, and what was found is kept, since they may be gone when they are told of. */
class Belonging {
  readonly #engine: EngineCalls
  readonly #scope: Scope
  readonly #known = new Map<string, boolean>()

  constructor(engine: EngineCalls, scope: Scope) {
    this.#engine = engine
    this.#scope = scope
  }

  async has({ Type, Action, Actor }: EventMessage): Promise<boolean> {
    if (Type === 'container') {
      const isOwn = isOf(this.#scope, Actor.Attributes)
      if (isOwn) this.#known.set(`container ${Actor.ID}`, true)
      return isOwn
    }
    if (Type !== 'network' && Type !== 'volume') return false
    // Who joins a network, or mounts a volume: that tells more of a container than of what it uses.
    const { container } = Actor.Attributes
    if (container !== undefined) return this.#isOwn(`container ${container}`)
    const key = `${Type} ${Actor.ID}`
    if (Action === 'create') this.#known.delete(key)
    return this.#isOwn(key)
  }

  async #isOwn(key: string): Promise<boolean> {
    if (!this.#known.has(key)) await this.#look()
    const isOwn = this.#known.get(key) ?? false
    this.#known.set(key, isOwn)
    return isOwn
  }

  async #look(): Promise<void> {
    const holdings = new Holdings(this.#engine, this.#scope)
    const [networks, { Volumes }, own] = await Promise.all([
      holdings.networks(),
      holdings.volumes(),
      holdings.containers(),
    ])
    // What is told of once more is looked up once more; so as many are known as there are, and no more.
    this.#known.clear()
    for (const { Id } of networks) this.#known.set(`network ${Id}`, true)
    for (const { Name } of Volumes) this.#known.set(`volume ${Name}`, true)
    for (const { Id } of own) this.#known.set(`container ${Id}`, true)
  }
}
