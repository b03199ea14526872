import { at, isSame, type Json, type JsonMap, put } from './json.ts'

/** A kind that the server has. */
export interface ServedKind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly isNamespaced: boolean
  /** Parts with addresses of their own: `scale`, `log`. */
  readonly parts?: readonly string[]
}

export interface StoredEvent {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly plural: string
  readonly object: JsonMap
}

/** Objects with their versions, as etcd keeps them for an API server. */
export class Store {
  readonly #objects = new Map<string, JsonMap>()
  #events: StoredEvent[] = []
  #version = 1000
  #forgotten = 0
  #next = 1
  readonly #listeners = new Set<(event: StoredEvent) => void>()
  /** The server's clock: a second later each time that it is looked at. */
  #clock = Date.parse('2026-11-29T12:00:00Z')

  get version(): number {
    return this.#version
  }

  now(): string {
    this.#clock += 1000
    return new Date(this.#clock).toISOString().replace('.000', '')
  }

  get(plural: string, namespace: string, name: string): JsonMap | undefined {
    return this.#objects.get(`${plural} ${namespace} ${name}`)
  }

  list(plural: string, namespace: string | undefined): JsonMap[] {
    const prefix = namespace === undefined ? `${plural} ` : `${plural} ${namespace} `
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object)
  }

  /** Keeps an object, with a version and what else a server says of it; the same one again is not kept anew. */
  set(plural: string, wanted: JsonMap): JsonMap {
    const [namespace, name] = placeOf(wanted)
    const before = this.get(plural, namespace, name)
    const about = before === undefined ? { uid: `uid-${this.#next++}`, creationTimestamp: this.now() } : {}
    const isSpecChanged = before === undefined || !isSame(withoutStatus(before), withoutStatus(wanted))
    const generation = (Number(at(before, 'metadata', 'generation')) || 0) + (isSpecChanged ? 1 : 0)
    const made = Object.entries({ ...about, generation }).reduce(
      (object, [key, value]) => put(object, ['metadata', key], value),
      wanted,
    )
    if (
      before !== undefined &&
      isSame(before, put(made, ['metadata', 'resourceVersion'], at(before, 'metadata', 'resourceVersion')))
    )
      return before
    this.#version += 1
    const kept = put(made, ['metadata', 'resourceVersion'], String(this.#version))
    this.#objects.set(`${plural} ${namespace} ${name}`, kept)
    this.#tell({
      version: this.#version,
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      plural,
      object: kept,
    })
    return kept
  }

  delete(plural: string, namespace: string, name: string): JsonMap | undefined {
    const object = this.get(plural, namespace, name)
    if (object === undefined) return undefined
    this.#objects.delete(`${plural} ${namespace} ${name}`)
    this.#version += 1
    const last = put(object, ['metadata', 'resourceVersion'], String(this.#version))
    this.#tell({ version: this.#version, type: 'DELETED', plural, object: last })
    return last
  }

  /** Changes after a version; undefined where these are forgotten. */
  since(version: number): readonly StoredEvent[] | undefined {
    return version < this.#forgotten ? undefined : this.#events.filter(event => event.version > version)
  }

  /** Forgets what happened, as a server does after some minutes. */
  compact(): void {
    this.#forgotten = this.#version
    this.#events = []
  }

  listen(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(event: StoredEvent): void {
    this.#events.push(event)
    for (const listener of [...this.#listeners]) listener(event)
  }
}

export function placeOf(object: JsonMap): [namespace: string, name: string] {
  return [String(at(object, 'metadata', 'namespace') ?? ''), String(at(object, 'metadata', 'name'))]
}

/** What counts for the generation: all but the status and what is said of the object. */
function withoutStatus({ status: _, metadata: __, ...rest }: JsonMap): Json {
  return rest
}

/** Whether labels are as `app=web,tier!=x,also` says. */
export function isSelected(object: JsonMap, selector: string | null): boolean {
  const labels = at(object, 'metadata', 'labels')
  return (selector ?? '')
    .split(',')
    .filter(part => part !== '')
    .every(part => {
      const [, key = '', operator, value] = /^([^=!]+)(!=|==?)?(.*)$/.exec(part) ?? []
      const label = at(labels, key)
      if (operator === undefined) return label !== undefined
      return operator === '!=' ? label !== value : label === value
    })
}
