import { failure } from '../../diagnostics/index.ts'
import type { Container } from './container.ts'

/** Milliseconds for which the exit of a container that removed itself is told to who asks for it by its id. */
const MEMORY_TIME = 10_000
/** How many such containers are remembered at most. */
const MEMORY_LIMIT = 256

/** All containers by id and name. Names are reserved before a record exists, so that two creates cannot share one. */
export class ContainerTable {
  readonly #byId = new Map<string, Container>()
  readonly #idByName = new Map<string, string>()
  /** Oldest first. */
  readonly #departed = new Map<string, { readonly container: Container; readonly at: number }>()

  values(): IterableIterator<Container> {
    return this.#byId.values()
  }

  get size(): number {
    return this.#byId.size
  }

  isNameTaken(name: string): boolean {
    return this.#idByName.has(name)
  }

  /** Takes `name` for `id`; NAME_IN_USE when another container has it. */
  reserveName(name: string, id: string): void {
    const holder = this.#idByName.get(name)
    if (holder !== undefined && holder !== id) {
      throw failure({
        code: 'NAME_IN_USE',
        kind: 'conflict',
        summary: `The container name "/${name}" is already in use by container "${holder}"`,
        facts: { name, holder },
        hint: 'remove or rename that container to use the name again',
      })
    }
    this.#idByName.set(name, id)
  }

  releaseName(name: string, id: string): void {
    if (this.#idByName.get(name) === id) this.#idByName.delete(name)
  }

  add(container: Container): void {
    this.reserveName(container.name, container.id)
    this.#byId.set(container.id, container)
  }

  delete(container: Container): void {
    this.#byId.delete(container.id)
    for (const [name, id] of this.#idByName) if (id === container.id) this.#idByName.delete(name)
  }

  find(id: string): Container | undefined {
    return this.#byId.get(id)
  }

  /**
   * A container is about to remove itself at its end. Clients that start one and then wait for it (dockerode's `run`) are quick
   * enough on Docker, where a removal takes its time.
   */
  rememberDeparting(container: Container): void {
    this.#departed.set(container.id, { container, at: performance.now() })
    for (const [id, { at }] of this.#departed)
      if (this.#departed.size > MEMORY_LIMIT || performance.now() - at > MEMORY_TIME)
        this.#departed.delete(id)
  }

  /** One that has removed itself a moment ago, by its whole id. */
  departed(id: string): Container | undefined {
    const found = this.#departed.get(id)
    if (found === undefined || this.#byId.has(id) || performance.now() - found.at > MEMORY_TIME)
      return undefined
    return found.container
  }

  /** By its name now. */
  named(name: string): Container | undefined {
    return this.#byId.get(this.#idByName.get(name.replace(/^\//, '')) ?? '')
  }

  /**
   * By id, name or unambiguous prefix of an id, in this order; CONTAINER_NOT_FOUND, CONTAINER_AMBIGUOUS. `rule`: what it is
   * looked for, where that is told.
   */
  resolve(reference: string, rule?: 'joined' | 'linked'): Container {
    const name = reference.replace(/^\//, '')
    const exact = this.#byId.get(name) ?? this.#byId.get(this.#idByName.get(name) ?? '')
    if (exact !== undefined) return exact
    const matches = /^[0-9a-f]+$/.test(name) ? [...this.#byId.keys()].filter(id => id.startsWith(name)) : []
    const only = matches.length === 1 ? this.#byId.get(matches[0] ?? '') : undefined
    if (only !== undefined) return only
    if (matches.length > 1) {
      throw failure({
        code: 'CONTAINER_AMBIGUOUS',
        kind: 'invalidArgument',
        summary: `container id prefix "${name}" fits ${matches.length} containers`,
      })
    }
    throw failure({
      code: 'CONTAINER_NOT_FOUND',
      kind: 'notFound',
      summary: `No such container: ${reference}`,
      ...(rule === undefined ? {} : { facts: { rule, reference } }),
    })
  }
}
